package io.barnabas.broker.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpQueryTest {
    private static final String ALPHABET = "/%?&=+az09\u00e4\u0000 #";

    @Test
    @DisplayName("segments are decoded one by one, so that an encoded slash is part of a name")
    void decodesSegments() {
        HttpQuery query = HttpQuery.parse("/v1/groups/a%2Fb%20%C3%A4+c?x=1&y=a+b&x=2");

        assertThat(query.segments()).containsExactly("v1", "groups", "a/b ä+c");
        assertThat(query.parameters()).isEqualTo(Map.of("x", "1", "y", "a b"));
        assertThat(query.target()).isEqualTo("/v1/groups/a%2Fb%20%C3%A4+c?x=1&y=a+b&x=2");
    }

    @Test
    @DisplayName("a slash at the end makes no difference, and the root has no segments")
    void trailingSlash() {
        assertThat(HttpQuery.parse("/v1/groups/").segments()).containsExactly("v1", "groups");
        assertThat(HttpQuery.parse("/").segments()).isEmpty();
    }

    @Test
    @DisplayName("the whole address, as proxies send it, comes to its path")
    void absoluteForm() {
        assertThat(HttpQuery.parse("HTTP://broker:8080/healthz").segments()).containsExactly("healthz");
        assertThat(HttpQuery.parse("http://broker:8080").segments()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"*", "", "host:80", "/%", "/%4", "/%zz", "/%ff", "/a b", "/ä", "/a#b", "/x?y=%c3", "ftp://x/"})
    @DisplayName("what is no path, or is wrongly encoded, is refused")
    void refusesNonsense(String target) {
        assertThat(HttpQuery.parse(target)).isNull();
    }

    @Test
    @DisplayName("any text is parsed or refused")
    void anyText() {
        long seed = Long.getLong("barnabas.seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder("/");
            for (int length = random.nextInt(12); length > 0; length--) {
                text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
            }
            HttpQuery query = HttpQuery.parse(text.toString());
            assertThat(query == null ? List.of() : query.segments())
                    .as("seed %d, %s", seed, text)
                    .doesNotContainNull();
        }
    }
}
