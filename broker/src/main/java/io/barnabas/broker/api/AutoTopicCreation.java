package io.barnabas.broker.api;

import io.barnabas.broker.config.InternalTopics;
import io.barnabas.broker.config.TopicDefaults;
import io.barnabas.broker.metadata.CurrentCluster;
import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.NewTopic;
import io.barnabas.coordination.control.TopicResult;
import io.barnabas.model.Refusal;
import io.barnabas.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has topics made that a client asked for by name (WIRE-27). The client is answered at once and asks again; meanwhile a name that is
 * on its way is not asked for twice.
 */
public final class AutoTopicCreation {
    private static final Logger LOG = LoggerFactory.getLogger(AutoTopicCreation.class);
    private static final int USE_DEFAULT = -1;

    /** More names than this at once are left to a later try, so that a client cannot make us remember any number. */
    private static final int MOST_ON_THEIR_WAY = 10_000;

    private final ControllerClient controller;
    private final CurrentCluster cluster;
    private final TopicDefaults defaults;
    private final InternalTopics internal;
    private final long timeoutMs;
    private final Set<String> onTheirWay = ConcurrentHashMap.newKeySet();

    public AutoTopicCreation(
            ControllerClient controller,
            CurrentCluster cluster,
            TopicDefaults defaults,
            InternalTopics internal,
            long timeoutMs) {
        this.controller = controller;
        this.cluster = cluster;
        this.defaults = defaults;
        this.internal = internal;
        this.timeoutMs = timeoutMs;
    }

    /**
     * What a client is told of a topic that does not exist.
     *
     * @param mayCreate whether the client lets it be created; the broker has a word in it, too
     */
    ErrorCode missing(String topic, boolean mayCreate) {
        if (TopicNames.complaint(topic) != null) {
            return ErrorCode.INVALID_TOPIC_EXCEPTION;
        }
        if (mayCreate && defaults.autoCreate() && onTheirWay.size() < MOST_ON_THEIR_WAY) {
            needed(topic);
        }
        return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    /** Has a topic made that the broker itself cannot do without, whatever clients may create. */
    void needed(String topic) {
        if (onTheirWay.add(topic)) {
            create(topic);
        }
    }

    private void create(String topic) {
        controller.createTopics(List.of(recipe(topic)), false, timeoutMs).whenComplete((results, failure) -> {
            onTheirWay.remove(topic);
            if (failure != null) {
                LOG.atWarn()
                        .addKeyValue("topic", topic)
                        .addKeyValue("reason", failure.toString())
                        .log("could not create a topic that a client asked for");
                return;
            }
            for (TopicResult result : results) {
                Refusal refusal = result.refusal();
                if (refusal == null) {
                    LOG.atInfo().addKeyValue("topic", topic).log("created a topic that a client asked for");
                } else if (refusal.reason() != Refusal.Reason.TOPIC_ALREADY_EXISTS) {
                    LOG.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("reason", refusal.reason())
                            .addKeyValue("message", refusal.message())
                            .log("could not create a topic that a client asked for");
                }
            }
        });
    }

    private NewTopic recipe(String topic) {
        InternalTopics.Recipe recipe = internal.recipe(topic);
        if (recipe == null) {
            return new NewTopic(topic, USE_DEFAULT, USE_DEFAULT, Map.of(), Map.of());
        }
        int live = cluster.view().brokers().size();
        return new NewTopic(topic, recipe.partitions(), recipe.replicasAmong(live), Map.of(), recipe.configs());
    }
}
