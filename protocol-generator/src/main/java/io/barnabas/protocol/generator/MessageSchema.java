package io.barnabas.protocol.generator;

import java.util.List;

/**
 * One message: a request, a response, a header, or data that is stored.
 *
 * @param apiKey                number of the API, -1 if the message belongs to none
 * @param validVersions         versions that can be read and written; empty for an API that was removed
 * @param flexibleVersions      versions with compact lengths and tagged fields (KIP-482)
 * @param latestVersionUnstable whether the newest version is not to be advertised yet
 */
record MessageSchema(
        String name,
        Kind kind,
        int apiKey,
        VersionRange validVersions,
        VersionRange flexibleVersions,
        boolean latestVersionUnstable,
        List<FieldSchema> fields,
        List<StructSchema> commonStructs) {
    MessageSchema {
        fields = List.copyOf(fields);
        commonStructs = List.copyOf(commonStructs);
    }

    String className() {
        return name + "Data";
    }

    enum Kind {
        REQUEST,
        RESPONSE,
        HEADER,
        DATA
    }
}
