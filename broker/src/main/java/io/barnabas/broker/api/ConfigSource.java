package io.barnabas.broker.api;

/** Where a configuration value comes from, with the number that DescribeConfigs gives it. */
enum ConfigSource {
    TOPIC(1),
    DYNAMIC_BROKER(2),
    DYNAMIC_DEFAULT_BROKER(3),
    STATIC_BROKER(4),
    DEFAULT(5),
    GROUP(8);

    private final byte wireId;

    ConfigSource(int wireId) {
        this.wireId = (byte) wireId;
    }

    byte wireId() {
        return wireId;
    }
}
