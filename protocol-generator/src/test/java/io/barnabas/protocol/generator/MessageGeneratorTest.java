package io.barnabas.protocol.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.squareup.javapoet.JavaFile;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** That the generated code is right is proven by the protocol module, message by message; this is about its shape. */
class MessageGeneratorTest {
    private static final String RESPONSE = """
            { "type": "response", "name": "PingResponse", "apiKey": 5, "validVersions": "1-4", "flexibleVersions": "3+",
              "fields": [ { "name": "Error", "type": "int16", "versions": "0+" } ] }
            """;

    private static List<JavaFile> generate(String... schemas) {
        var texts = new TreeMap<String, String>();
        for (String schema : schemas) {
            texts.put("schema" + texts.size() + ".json", schema);
        }
        return new MessageGenerator("org.example.wire").generate(texts);
    }

    private static String request(String fields) {
        return "{ \"type\": \"request\", \"name\": \"PingRequest\", \"apiKey\": 5, \"validVersions\": \"1-4\","
                + "\"flexibleVersions\": \"3+\", \"fields\": [" + fields + "] }";
    }

    private static String source(String fields) {
        return generate(request(fields), RESPONSE).get(0).toString();
    }

    @Test
    @DisplayName("one class per message in the subpackage, and the table of APIs above it; stored data is left out")
    void files() {
        List<JavaFile> files = generate(
                request(""),
                RESPONSE,
                "{ \"type\": \"header\", \"name\": \"PingHeader\", \"validVersions\": \"0\", \"fields\": [] }",
                "{ \"type\": \"data\", \"name\": \"Stored\", \"validVersions\": \"0\", \"fields\": [] }",
                "{ \"type\": \"request\", \"name\": \"OldRequest\", \"apiKey\": 2, \"validVersions\": \"none\" }",
                "{ \"type\": \"response\", \"name\": \"OldResponse\", \"apiKey\": 2, \"validVersions\": \"none\" }");

        assertThat(files)
                .extracting(file -> file.packageName + "." + file.typeSpec.name)
                .containsExactlyInAnyOrder(
                        "org.example.wire.message.PingRequestData",
                        "org.example.wire.message.PingResponseData",
                        "org.example.wire.message.PingHeaderData",
                        "org.example.wire.ApiKey");
        assertThat(files.get(files.size() - 1).toString())
                .contains("OLD(2, \"Old\", 0, -1, -1, 32767, 32767, null, null)")
                .contains("PING(5, \"Ping\", 1, 4, 4, 3, 3, PingRequestData::new, PingResponseData::new)");
    }

    @Test
    @DisplayName("versions are asked only where they make a difference")
    void straightCode() {
        assertThat(source("{ \"name\": \"Count\", \"type\": \"int32\", \"versions\": \"0+\" }"))
                .contains(
                        "        this.count = in.readInt();\n        if (version >= 3) {\n            in.skipTags();");
        assertThat(source("{ \"name\": \"Count\", \"type\": \"int32\", \"versions\": \"2+\", \"default\": \"-1\" }"))
                .contains("if (version >= 2) {\n            this.count = in.readInt();")
                .contains("this.count = -1;")
                .contains("if (this.count != -1) {\n                throw out.unsupported(");
    }

    @Test
    @DisplayName("an ignorable field is dropped where a version lacks it")
    void ignorable() {
        assertThat(source("{ \"name\": \"A\", \"type\": \"int32\", \"versions\": \"2+\", \"ignorable\": true }"))
                .doesNotContain("unsupported");
    }

    @Test
    @DisplayName("a field can be kept from becoming flexible, as the client id of request headers is")
    void neverFlexible() {
        assertThat(
                        source(
                                "{ \"name\": \"Id\", \"type\": \"string\", \"versions\": \"0+\", \"flexibleVersions\": \"none\" }"))
                .contains("in.readString()")
                .doesNotContain("readCompactString");
    }

    @Test
    @DisplayName("a field named like a Java keyword gets an underscore")
    void keywords() {
        assertThat(source("{ \"name\": \"Default\", \"type\": \"int8\", \"versions\": \"0+\" }"))
                .contains("public byte default_;");
    }

    @Test
    @DisplayName("contradictory schemas stop the build")
    void contradictions() {
        assertThatThrownBy(() -> generate(
                        request("{ \"name\": \"A\", \"type\": \"int8\", \"versions\": \"0+\", "
                                + "\"default\": \"128\" }"),
                        RESPONSE))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("does not fit");
        assertThatThrownBy(() -> generate(request("")))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("differ");
        assertThatThrownBy(() -> generate(request(""), request(""), RESPONSE)).isInstanceOf(SchemaException.class);
        String struct = "{ \"name\": \"X\", \"type\": \"[]Twice\", \"versions\": \"0+\", \"fields\": ["
                + "{ \"name\": \"I\", \"type\": \"int8\", \"versions\": \"0+\" }] }";
        assertThatThrownBy(() -> generate(request(struct + "," + struct), RESPONSE))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("twice");
    }
}
