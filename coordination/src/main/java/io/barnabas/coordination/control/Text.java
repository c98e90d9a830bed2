package io.barnabas.coordination.control;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Text in forms is UTF-8, since Kryo's reader of strings cannot be told how long one may be. */
final class Text {
    private Text() {}

    static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }

    static String of(byte[] bytes) {
        if (bytes == null) {
            return null;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notText) {
            throw new MalformedControlMessageException("text that is not UTF-8", notText);
        }
    }

    static byte[] name(Enum<?> constant) {
        return bytes(constant.name());
    }

    /** @throws IllegalArgumentException if there is no such constant */
    static <E extends Enum<E>> E constant(Class<E> type, byte[] name) {
        return Enum.valueOf(type, of(name));
    }
}
