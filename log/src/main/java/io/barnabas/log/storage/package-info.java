/**
 * Files, as the log needs them: positional reads and writes that are whole or fail, explicit fsync of files and
 * directories, atomic replacement of small files. The only package that knows {@code FileChannel} and fsync; what the bytes
 * mean is decided elsewhere. Begin at {@link io.barnabas.log.storage.Storage}; {@link io.barnabas.log.storage.FileStorage}
 * is the real one, {@code SimulatedStorage} in the tests forgets what was not fsynced.
 */
package io.barnabas.log.storage;
