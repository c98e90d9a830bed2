package io.barnabas.protocol.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.barnabas.protocol.generator.FieldType.ArrayOf;
import io.barnabas.protocol.generator.FieldType.Scalar;
import io.barnabas.protocol.generator.FieldType.StructRef;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class SchemaParserTest {
    private final SchemaParser parser = new SchemaParser();

    @Test
    @DisplayName("comments of a whole line, in between and after a value are left out, text with slashes is not")
    void comments() {
        MessageSchema schema = parser.parse("a.json", """
                // a licence
                {
                  "apiKey": 7, // why seven
                  "type": "request",
                  // one more
                  "name": "ARequest",
                  "validVersions": "1-2",
                  "flexibleVersions": "2+",
                  "fields": [
                    { "name": "Url", "type": "string", "versions": "1+", "default": "http://x", "about": "see http://y" }
                  ]
                }
                """);

        assertThat(schema.apiKey()).isEqualTo(7);
        assertThat(schema.kind()).isEqualTo(MessageSchema.Kind.REQUEST);
        assertThat(schema.validVersions()).hasToString("1-2");
        assertThat(schema.flexibleVersions()).hasToString("2+");
        assertThat(schema.fields().get(0).defaultText()).isEqualTo("http://x");
    }

    @Test
    @DisplayName("fields have types, versions, tags and fields of their own; common structs are kept apart")
    void fields() {
        MessageSchema schema = parser.parse("b.json", """
                { "type": "response", "name": "BResponse", "apiKey": 1, "validVersions": "0-3", "flexibleVersions": "1+",
                  "latestVersionUnstable": true,
                  "fields": [
                    { "name": "Things", "type": "[]Thing", "versions": "0+", "nullableVersions": "2+", "default": "null",
                      "fields": [ { "name": "Id", "type": "uuid", "versions": "0+", "mapKey": true } ] },
                    { "name": "Other", "type": "Shared", "versions": "1+", "taggedVersions": "1+", "tag": 3,
                      "ignorable": true },
                    { "name": "Data", "type": "bytes", "versions": "0+", "zeroCopy": true, "flexibleVersions": "none" }
                  ],
                  "commonStructs": [
                    { "name": "Shared", "versions": "1+", "fields": [
                      { "name": "Port", "type": "uint16", "versions": "1+" } ] }
                  ]
                }
                """);

        FieldSchema things = schema.fields().get(0);
        assertThat(things.type()).isEqualTo(new ArrayOf(new StructRef("Thing")));
        assertThat(things.isNullByDefault()).isTrue();
        assertThat(things.fields().get(0).type()).isEqualTo(Scalar.UUID);
        FieldSchema other = schema.fields().get(1);
        assertThat(other.tag()).isEqualTo(3);
        assertThat(other.ignorable()).isTrue();
        assertThat(other.plainVersions().isEmpty()).isTrue();
        FieldSchema data = schema.fields().get(2);
        assertThat(data.isRecords()).isTrue();
        assertThat(data.flexibleVersions().isEmpty()).isTrue();
        assertThat(schema.commonStructs().get(0).fields().get(0).type()).isEqualTo(Scalar.UINT16);
        assertThat(schema.latestVersionUnstable()).isTrue();
    }

    @Test
    @DisplayName("a removed API has no versions and no fields")
    void removed() {
        MessageSchema schema = parser.parse(
                "c.json",
                "{ \"type\": \"request\", \"name\": \"CRequest\", \"apiKey\": 4, \"validVersions\": \"none\" }");

        assertThat(schema.validVersions().isEmpty()).isTrue();
        assertThat(schema.fields()).isEmpty();
    }

    @Test
    @DisplayName("what it does not understand stops the build and names the file")
    void unknownThings() {
        assertFails("{ \"type\": \"request\", \"name\": \"X\", \"validVersions\": \"0\", \"newIdea\": 1 }", "newIdea");
        assertFails("{ \"type\": \"gossip\", \"name\": \"X\", \"validVersions\": \"0\" }", "gossip");
        assertFails(withField("{ \"name\": \"A\", \"type\": \"int128\", \"versions\": \"0+\" }"), "int128");
        assertFails(withField("{ \"name\": \"A\", \"type\": \"[][]int8\", \"versions\": \"0+\" }"), "arrays of arrays");
        assertFails(withField("{ \"name\": \"A\", \"versions\": \"0+\" }"), "type");
        assertFails(
                withField("{ \"name\": \"A\", \"type\": \"int8\", \"versions\": \"0+\", \"taggedVersions\": \"0+\" }"),
                "tag");
        assertFails(
                withField("{ \"name\": \"A\", \"type\": \"string\", \"versions\": \"0+\", \"default\": \"null\" }"),
                "never nullable");
        assertFails("{ \"type\": ", "JSON");
    }

    private static String withField(String field) {
        return "{ \"type\": \"request\", \"name\": \"X\", \"validVersions\": \"0\", \"fields\": [" + field + "] }";
    }

    private void assertFails(String text, String reason) {
        assertThatThrownBy(() -> parser.parse("x.json", text))
                .isInstanceOf(SchemaException.class)
                .hasMessageContaining("x.json")
                .hasMessageContaining(reason);
    }
}
