package io.barnabas.broker.control;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigCatalog;
import io.barnabas.broker.config.ConfigKey;
import io.barnabas.broker.config.ConfigType;
import io.barnabas.broker.config.GroupConfigKey;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.controller.ConfigCheck;
import io.barnabas.log.LogConfig;
import io.barnabas.log.TopicKey;
import io.barnabas.runtime.config.ConfigException;
import java.util.Map;

/** Lets the controller judge configurations by the rules that brokers obey, before they are stored (CTRL-27). */
public final class ConfigRules implements ConfigCheck {
    private final BrokerConfig config;

    public ConfigRules(BrokerConfig config) {
        this.config = config;
    }

    @Override
    public String complaint(ConfigEntity entity, Map<String, String> values) {
        try {
            switch (entity.type()) {
                case TOPIC -> {
                    LogConfig topic = config.log().withOverrides(values);
                    if (topic.remoteStorageEnable()) {
                        return "remote.storage.enable=true: tiered storage is not served yet";
                    }
                }
                case BROKER -> {
                    for (Map.Entry<String, String> value : values.entrySet()) {
                        ConfigKey key = ConfigCatalog.get().find(value.getKey());
                        // what another Kafka stored, and this broker does not obey, may stay beside what is changed
                        String complaint = key == null || !key.live() ? null : key.complaint(value.getValue());
                        if (complaint != null) {
                            return value.getKey() + "=" + value.getValue() + ": " + complaint;
                        }
                    }
                    config.logWith(values);
                }
                case GROUP -> {
                    return GroupConfigKey.complaint(
                            values, config.groups().groups().consumer());
                }
                case USER, CLIENT, IP -> {
                    return "quotas are not served yet";
                }
            }
            return null;
        } catch (ConfigException wrong) {
            return String.join("; ", wrong.mistakes());
        }
    }

    @Override
    public String listDefault(ConfigEntity entity, String key) {
        return switch (entity.type()) {
            case TOPIC ->
                LogConfig.topicKeys().stream()
                        .filter(known -> known.name().equals(key) && known.type() == TopicKey.Type.LIST)
                        .findFirst()
                        .map(known -> config.log().values().get(known.name()))
                        .orElse(null);
            case BROKER -> {
                ConfigKey known = ConfigCatalog.get().find(key);
                yield known == null || known.type() != ConfigType.LIST
                        ? null
                        : config.properties().getOrDefault(key, known.defaultValue());
            }
            case USER, CLIENT, IP, GROUP -> null;
        };
    }
}
