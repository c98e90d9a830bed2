package io.barnabas.broker.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a client asks for.
 *
 * @param target     as it was sent
 * @param segments   of the path, decoded; a slash that was encoded is part of its segment
 * @param parameters behind the question mark, decoded; the first of each name
 */
public record HttpQuery(String target, List<String> segments, Map<String, String> parameters) {
    private static final String SCHEME = "http://";

    public HttpQuery {
        segments = List.copyOf(segments);
        parameters = Map.copyOf(parameters);
    }

    /** @return null if it is no target that could be answered: not a path, or wrongly encoded */
    public static HttpQuery parse(String target) {
        String path = withoutAuthority(target);
        if (path == null || path.indexOf('#') >= 0) {
            return null;
        }
        int question = path.indexOf('?');
        String query = question < 0 ? "" : path.substring(question + 1);
        List<String> segments = new ArrayList<>();
        for (String part :
                (question < 0 ? path : path.substring(0, question)).substring(1).split("/", -1)) {
            String segment = decode(part, false);
            if (segment == null) {
                return null;
            }
            segments.add(segment);
        }
        if (segments.get(segments.size() - 1).isEmpty()) {
            segments.remove(segments.size() - 1); // a slash at the end makes no difference
        }
        Map<String, String> parameters = new HashMap<>();
        for (String part : query.split("&", -1)) {
            int equals = part.indexOf('=');
            String name = decode(equals < 0 ? part : part.substring(0, equals), true);
            String value = decode(equals < 0 ? "" : part.substring(equals + 1), true);
            if (name == null || value == null) {
                return null;
            }
            if (!name.isEmpty()) {
                parameters.putIfAbsent(name, value);
            }
        }
        return new HttpQuery(target, segments, parameters);
    }

    /** The path and what is behind it; null if there is no path. Proxies send the authority, too (RFC 9112, 3.2.2). */
    private static String withoutAuthority(String target) {
        if (target.startsWith("/")) {
            return target;
        }
        if (!target.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        int slash = target.indexOf('/', SCHEME.length());
        return slash < 0 ? "/" : target.substring(slash);
    }

    /** @return null if a percent sign stands before no byte, or the bytes are no UTF-8 */
    private static String decode(String text, boolean plusIsSpace) {
        ByteBuffer bytes = ByteBuffer.allocate(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return null;
                }
                bytes.put((byte) (high << 4 | low));
                i += 2;
            } else if (c <= ' ' || c > '~') {
                return null; // must be encoded
            } else {
                bytes.put((byte) (c == '+' && plusIsSpace ? ' ' : c));
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException notUtf8) {
            return null;
        }
    }
}
