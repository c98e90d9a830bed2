package io.barnabas.broker.api;

import io.barnabas.broker.config.ConfigCatalog;
import io.barnabas.broker.config.ConfigKey;
import io.barnabas.broker.config.ConfigType;
import io.barnabas.broker.config.GroupConfigKey;
import io.barnabas.broker.metadata.ClusterView;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.Caller;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.log.LogConfig;
import io.barnabas.log.TopicKey;
import io.barnabas.model.BrokerId;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Changes configurations by way of the controller, which reads, changes and compares-and-sets, so that two administrators do not lose
 * each other's changes (CTRL-27). The values of topics are judged there; the form of the request, and what this broker can obey
 * while it runs, are judged here.
 */
public final class ConfigAlteration {
    private final BrokerId self;
    private final CurrentCluster cluster;
    private final ControllerClient controller;
    private final long timeoutMs;

    /** @param timeoutMs for the controller to answer, since the requests that change configurations bring none */
    public ConfigAlteration(BrokerId self, CurrentCluster cluster, ControllerClient controller, long timeoutMs) {
        this.timeoutMs = timeoutMs;
        this.self = self;
        this.cluster = cluster;
        this.controller = controller;
    }

    /**
     * What was asked for one resource.
     *
     * @param replaceAll whether keys that are not named lose their values
     */
    record Asked(byte type, String name, List<ConfigChange.Op> ops, boolean replaceAll) {
        Asked {
            ops = List.copyOf(ops);
        }
    }

    /** @param message null if the error says it all */
    record Answer(ErrorCode error, String message) {
        static final Answer DONE = new Answer(ErrorCode.NONE, null);

        static Answer invalid(String message) {
            return new Answer(ErrorCode.INVALID_REQUEST, message);
        }
    }

    /** One answer for each resource, in the order asked. */
    CompletionStage<List<Answer>> alter(Caller caller, List<Asked> asked, boolean validateOnly) {
        Map<String, Integer> mentions = new HashMap<>();
        asked.forEach(one -> mentions.merge(one.type() + one.name(), 1, Integer::sum));
        List<Answer> answers = new ArrayList<>();
        List<ConfigChange> changes = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Asked one : asked) {
            Answer wrong = mentions.get(one.type() + one.name()) > 1
                    ? Answer.invalid("Each resource must appear at most once.")
                    : judge(one);
            if (wrong == null) {
                places.add(answers.size());
                changes.add(new ConfigChange(entity(one), one.ops(), one.replaceAll()));
            }
            answers.add(wrong);
        }
        if (changes.isEmpty()) {
            return CompletableFuture.completedFuture(answers);
        }
        return controller
                .onBehalfOf(caller)
                .alterConfigs(changes, validateOnly, timeoutMs)
                .handle((results, failure) -> {
                    for (int i = 0; i < places.size(); i++) {
                        answers.set(
                                places.get(i),
                                failure != null
                                        ? new Answer(ErrorCode.UNKNOWN_SERVER_ERROR, failure.toString())
                                        : answer(results.get(i)));
                    }
                    return answers;
                });
    }

    private static Answer answer(ConfigResult result) {
        Refusal refusal = result.refusal();
        return refusal == null ? Answer.DONE : new Answer(WireErrors.of(refusal.reason()), refusal.message());
    }

    private static ConfigEntity entity(Asked asked) {
        if (asked.type() == ConfigResource.TOPIC) {
            return ConfigEntity.topic(asked.name());
        }
        if (asked.type() == ConfigResource.GROUP) {
            return ConfigEntity.group(asked.name());
        }
        return asked.name().isEmpty() ? ConfigEntity.brokerDefault() : ConfigEntity.broker(asked.name());
    }

    /** @return null if the controller may be asked */
    private Answer judge(Asked asked) {
        Set<String> keys = new HashSet<>();
        for (ConfigChange.Op op : asked.ops()) {
            if (!keys.add(op.key())) {
                return Answer.invalid("Error due to duplicate config keys: " + op.key());
            }
            if (op.kind() != ConfigChange.Kind.DELETE && op.value() == null) {
                return Answer.invalid("Null value not supported for: " + op.key());
            }
        }
        return switch (asked.type()) {
            case ConfigResource.TOPIC -> judgeTopic(asked);
            case ConfigResource.BROKER -> judgeBroker(asked);
            case ConfigResource.GROUP -> judgeGroup(asked);
            default -> Answer.invalid(ConfigResource.notServed(asked.type()));
        };
    }

    private Answer judgeTopic(Asked asked) {
        String complaint = TopicNames.complaint(asked.name());
        if (complaint != null) {
            return new Answer(ErrorCode.INVALID_TOPIC_EXCEPTION, complaint);
        }
        ClusterView view = cluster.view();
        if (view.topic(asked.name()) == null) {
            return new Answer(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "The topic '" + asked.name() + "' does not exist.");
        }
        for (ConfigChange.Op op : asked.ops()) {
            TopicKey key = LogConfig.topicKeys().stream()
                    .filter(known -> known.name().equals(op.key()))
                    .findFirst()
                    .orElse(null);
            if (key == null && op.kind() != ConfigChange.Kind.DELETE) {
                return new Answer(ErrorCode.INVALID_CONFIG, "Unknown topic config name: " + op.key());
            }
            if (changesList(op) && key.type() != TopicKey.Type.LIST) {
                return noList(op);
            }
        }
        return null;
    }

    private Answer judgeBroker(Asked asked) {
        if (!asked.name().isEmpty()) {
            String complaint = ConfigResource.otherBroker(asked.name(), self.value());
            if (complaint != null) {
                return Answer.invalid(complaint);
            }
        }
        for (ConfigChange.Op op : asked.ops()) {
            ConfigKey key = ConfigCatalog.get().find(op.key());
            if (op.kind() == ConfigChange.Kind.DELETE) {
                continue;
            }
            if (key == null) {
                return Answer.invalid("Unknown broker config name: " + op.key());
            }
            if (!key.live()) {
                return Answer.invalid("Cannot update " + op.key() + " while the broker runs: "
                        + (key.use() == ConfigKey.Use.USED ? "set it in server.properties and restart." : key.about()));
            }
            if (changesList(op) && key.type() != ConfigType.LIST) {
                return noList(op);
            }
            String complaint = changesList(op) ? null : key.complaint(op.value());
            if (complaint != null) {
                return new Answer(
                        ErrorCode.INVALID_CONFIG,
                        "Invalid value " + op.value() + " for " + op.key() + ": " + complaint);
            }
        }
        return null;
    }

    /** The values are the controller's to judge: it knows them all. */
    private static Answer judgeGroup(Asked asked) {
        String complaint = ConfigResource.badGroup(asked.name());
        if (complaint != null) {
            return Answer.invalid(complaint);
        }
        for (ConfigChange.Op op : asked.ops()) {
            if (GroupConfigKey.find(op.key()) == null && op.kind() != ConfigChange.Kind.DELETE) {
                return new Answer(ErrorCode.INVALID_CONFIG, "Unknown group config name: " + op.key());
            }
            if (changesList(op)) {
                return noList(op);
            }
        }
        return null;
    }

    private static boolean changesList(ConfigChange.Op op) {
        return op.kind() == ConfigChange.Kind.APPEND || op.kind() == ConfigChange.Kind.SUBTRACT;
    }

    private static Answer noList(ConfigChange.Op op) {
        return new Answer(
                ErrorCode.INVALID_CONFIG,
                "Config value can only be appended to or subtracted from a list: " + op.key());
    }
}
