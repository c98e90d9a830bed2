package io.barnabas.broker.control;

import io.barnabas.broker.config.BrokerConfig;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.broker.metadata.DynamicConfigs;
import io.barnabas.log.LogConfig;
import io.barnabas.log.LogConfigSource;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.config.ConfigException;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What each topic's configuration comes to on this broker: the file, then ZooKeeper's broker keys, then the topic's own. */
public final class TopicConfigs implements LogConfigSource {
    private static final Logger LOG = LoggerFactory.getLogger(TopicConfigs.class);

    private final BrokerId self;
    private final BrokerConfig config;
    private final CurrentCluster cluster;

    public TopicConfigs(BrokerId self, BrokerConfig config, CurrentCluster cluster) {
        this.self = self;
        this.config = config;
        this.cluster = cluster;
    }

    @Override
    public LogConfig configOf(String topic) {
        DynamicConfigs configs = cluster.view().configs();
        return configOf(topic, configs, defaults(configs));
    }

    /** What topics get that do not say otherwise. Values that cannot be used are passed over with a warning. */
    LogConfig defaults(DynamicConfigs configs) {
        Map<String, String> dynamic = configs.effectiveFor(self);
        if (dynamic.isEmpty()) {
            return config.log();
        }
        try {
            return config.logWith(dynamic);
        } catch (ConfigException unusable) {
            LOG.atError()
                    .addKeyValue("mistakes", unusable.mistakes())
                    .log("the brokers' configuration in ZooKeeper cannot be used, server.properties holds");
            return config.log();
        }
    }

    LogConfig configOf(String topic, DynamicConfigs configs, LogConfig defaults) {
        Map<String, String> own = configs.topic(topic);
        if (own.isEmpty()) {
            return defaults;
        }
        try {
            return defaults.withOverrides(own);
        } catch (ConfigException unusable) {
            LOG.atError()
                    .addKeyValue("topic", topic)
                    .addKeyValue("mistakes", unusable.mistakes())
                    .log("the topic's configuration in ZooKeeper cannot be used, the broker's defaults hold");
            return defaults;
        }
    }
}
