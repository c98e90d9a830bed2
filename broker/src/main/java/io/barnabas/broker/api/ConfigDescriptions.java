package io.barnabas.broker.api;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.config.ConfigCatalog;
import io.barnabas.broker.config.ConfigKey;
import io.barnabas.broker.config.ConfigType;
import io.barnabas.broker.config.GroupConfigKey;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.log.LogConfig;
import io.barnabas.log.TopicKey;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Values of all keys of a topic, a group or this broker, and where each comes from: the strongest source first. */
public final class ConfigDescriptions {
    /** Keys of topics that no key of the broker stands behind. */
    private static final Map<String, String> TOPIC_ONLY = Map.of(
            "follower.replication.throttled.replicas",
            "Replicas, as partition:broker or * for all, whose fetching is bounded by follower.replication.throttled.rate while they lag.",
            "leader.replication.throttled.replicas",
            "Replicas, as partition:broker or * for all, that bound what they send to lagging followers by leader.replication.throttled.rate.",
            "remote.log.copy.disable",
            "Part of tiered storage, which is not served yet.",
            "remote.log.delete.on.disable",
            "Part of tiered storage, which is not served yet.",
            "remote.storage.enable",
            "Part of tiered storage, which is not served yet.");

    private final BrokerId self;
    private final BrokerConfig config;
    private final Map<String, String> properties;

    /** @param self the id that this broker has, also where the file leaves it open */
    public ConfigDescriptions(BrokerId self, BrokerConfig config) {
        this.self = self;
        this.config = config;
        this.properties = new TreeMap<>(config.properties());
        properties.put("broker.id", Integer.toString(self.value()));
    }

    /**
     * @param value    null if there is none, or if it must not be shown
     * @param synonyms every place that has a value for it, the strongest first; the first one is in force
     * @param about    one sentence
     */
    record Described(
            String name,
            String value,
            boolean readOnly,
            ConfigSource source,
            boolean sensitive,
            ConfigType type,
            String about,
            List<Synonym> synonyms) {}

    /** @param value null if it must not be shown */
    record Synonym(String name, String value, ConfigSource source) {}

    BrokerId self() {
        return self;
    }

    /** A topic that sets {@code overrides}. */
    List<Described> topic(Map<String, String> overrides, DynamicConfigs dynamic) {
        Map<String, String> values = topicValues(overrides, dynamic);
        List<Described> described = new ArrayList<>();
        for (TopicKey key : LogConfig.topicKeys()) {
            if (key.onlyIn39() && !overrides.containsKey(key.name())) {
                continue;
            }
            List<Synonym> synonyms = new ArrayList<>();
            if (overrides.containsKey(key.name())) {
                synonyms.add(new Synonym(key.name(), overrides.get(key.name()), ConfigSource.TOPIC));
            }
            String about = TOPIC_ONLY.getOrDefault(key.name(), "A key of Kafka 3.9 that has no effect here.");
            for (String brokerKey : key.brokerSynonyms()) {
                ConfigKey behind = ConfigCatalog.get().find(brokerKey);
                if (behind != null) {
                    addSources(synonyms, behind, dynamic);
                }
            }
            if (!key.brokerSynonyms().isEmpty()) {
                about = ConfigCatalog.get().find(key.brokerSynonyms().get(0)).about();
            }
            boolean hasDefault = synonyms.stream().anyMatch(synonym -> synonym.source() == ConfigSource.DEFAULT);
            if (!hasDefault) {
                synonyms.add(new Synonym(key.name(), key.defaultValue(), ConfigSource.DEFAULT));
            }
            described.add(new Described(
                    key.name(),
                    values.getOrDefault(key.name(), synonyms.get(0).value()),
                    false,
                    synonyms.get(0).source(),
                    false,
                    ConfigType.valueOf(key.type().name()),
                    about,
                    synonyms));
        }
        return described;
    }

    /** This broker. */
    List<Described> thisBroker(DynamicConfigs dynamic) {
        List<Described> described = new ArrayList<>();
        for (ConfigKey key : ConfigCatalog.get().keys()) {
            List<Synonym> synonyms = new ArrayList<>();
            addSources(synonyms, key, dynamic);
            if (key.name().equals("log.retention.ms")) {
                addSources(synonyms, ConfigCatalog.get().find("log.retention.minutes"), dynamic);
                addSources(synonyms, ConfigCatalog.get().find("log.retention.hours"), dynamic);
            }
            boolean unset = synonyms.isEmpty() || !synonyms.get(0).name().equals(key.name());
            described.add(new Described(
                    key.name(),
                    unset ? shown(key, key.defaultValue()) : synonyms.get(0).value(),
                    !key.live(),
                    unset ? ConfigSource.DEFAULT : synonyms.get(0).source(),
                    key.sensitive(),
                    key.type(),
                    key.about(),
                    synonyms));
        }
        return described;
    }

    /** A group that sets {@code overrides}, whether it exists or not. */
    List<Described> group(Map<String, String> overrides, DynamicConfigs dynamic) {
        Map<String, String> obeyed =
                GroupConfigKey.obeyed(overrides, config.groups().groups().consumer());
        List<Described> described = new ArrayList<>();
        for (GroupConfigKey key : GroupConfigKey.ALL) {
            ConfigKey behind = ConfigCatalog.get().find(key.brokerKey());
            List<Synonym> synonyms = new ArrayList<>();
            if (obeyed.containsKey(key.name())) {
                synonyms.add(new Synonym(key.name(), obeyed.get(key.name()), ConfigSource.GROUP));
            }
            addSources(synonyms, behind, dynamic);
            described.add(new Described(
                    key.name(),
                    synonyms.get(0).value(),
                    false,
                    synonyms.get(0).source(),
                    false,
                    behind.type(),
                    key.about(),
                    synonyms));
        }
        return described;
    }

    /** What was set for all brokers, and nothing else. */
    List<Described> brokerDefaults(DynamicConfigs dynamic) {
        List<Described> described = new ArrayList<>();
        dynamic.brokerDefaults().forEach((name, value) -> {
            ConfigKey key = ConfigCatalog.get().find(name);
            // a key that is not known might hold a secret
            boolean sensitive = key == null || key.sensitive();
            String told = sensitive ? null : value;
            described.add(new Described(
                    name,
                    told,
                    key == null || !key.live(),
                    ConfigSource.DYNAMIC_DEFAULT_BROKER,
                    sensitive,
                    key == null ? ConfigType.STRING : key.type(),
                    key == null ? "Not known to this broker." : key.about(),
                    List.of(new Synonym(name, told, ConfigSource.DYNAMIC_DEFAULT_BROKER))));
        });
        return described;
    }

    private Map<String, String> topicValues(Map<String, String> overrides, DynamicConfigs dynamic) {
        try {
            return config.logWith(dynamic.effectiveFor(self))
                    .withOverrides(overrides)
                    .values();
        } catch (ConfigException unusable) {
            // written into ZooKeeper past the broker: tell what stands there
            return overrides;
        }
    }

    private void addSources(List<Synonym> synonyms, ConfigKey key, DynamicConfigs dynamic) {
        String name = key.name();
        add(synonyms, key, dynamic.broker(self).get(name), ConfigSource.DYNAMIC_BROKER);
        add(synonyms, key, dynamic.brokerDefaults().get(name), ConfigSource.DYNAMIC_DEFAULT_BROKER);
        add(synonyms, key, properties.get(name), ConfigSource.STATIC_BROKER);
        add(synonyms, key, key.defaultValue(), ConfigSource.DEFAULT);
    }

    private static void add(List<Synonym> synonyms, ConfigKey key, String value, ConfigSource source) {
        if (value != null) {
            synonyms.add(new Synonym(key.name(), shown(key, value), source));
        }
    }

    private static String shown(ConfigKey key, String value) {
        return key.sensitive() ? null : value;
    }
}
