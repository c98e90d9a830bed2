/**
 * The public wire: frames' contents to messages and back, the table of served APIs, the error codes. It decides which
 * bytes are legal and which APIs are offered, not what any request means, and it never sees a socket.
 * Begin at {@link io.barnabas.protocol.ApiTable} and {@link io.barnabas.protocol.RequestCodec}; the messages themselves
 * are in {@link io.barnabas.protocol.message}.
 */
package io.barnabas.protocol;
