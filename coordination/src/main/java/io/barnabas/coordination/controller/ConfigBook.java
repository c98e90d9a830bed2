package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.coordination.control.ConfigEntity;
import io.barnabas.coordination.control.ConfigResult;
import io.barnabas.coordination.store.ConfigStore;
import io.barnabas.coordination.store.ConfigStore.Notice;
import io.barnabas.coordination.store.ConfigStore.StoredConfig;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Dynamic configuration: changes of one entity are made one after another, each from what is stored, so that two who change
 * different keys do not undo each other (CTRL-27).
 */
final class ConfigBook {
    private static final StoredConfig NOTHING = new StoredConfig(Map.of(), ConfigStore.ABSENT);

    private final ClusterImage image;
    private final ConfigCheck check;
    private final Map<ConfigEntity, Entry> entries = new HashMap<>();
    private long lastNotice = -1;

    ConfigBook(ClusterImage image, ConfigCheck check) {
        this.image = image;
        this.check = check;
    }

    void load(Map<ConfigEntity, StoredConfig> stored, long newestNotice) {
        stored.forEach((entity, config) -> entry(entity).stored = config);
        lastNotice = newestNotice;
    }

    /** Null if the entity does not set it. */
    String value(ConfigEntity entity, String key) {
        Entry entry = entries.get(entity);
        return entry == null ? null : entry.stored.config().get(key);
    }

    /** Every entity that has a configuration. */
    Map<ConfigEntity, Map<String, String>> all() {
        Map<ConfigEntity, Map<String, String>> all = new HashMap<>();
        entries.forEach((entity, entry) -> {
            if (!entry.stored.config().isEmpty()) {
                all.put(entity, entry.stored.config());
            }
        });
        return all;
    }

    /** A new topic's configuration, stored together with the topic; its version is learned when it is needed. */
    void created(ConfigEntity entity, Map<String, String> config, Turn turn) {
        entry(entity).stored = new StoredConfig(config, 0);
        if (!config.isEmpty()) {
            turn.configs.put(entity, config);
        }
    }

    void forget(ConfigEntity entity) {
        entries.remove(entity);
    }

    void onAlter(long request, int index, ConfigChange change, boolean validateOnly, Turn turn) {
        ConfigEntity entity = change.entity();
        if (entity.type() == ConfigEntity.Type.TOPIC && !topicExists(entity)) {
            answer(
                    request,
                    index,
                    entity,
                    new Refusal(Reason.UNKNOWN_TOPIC_OR_PARTITION, "there is no topic " + entity.name()),
                    turn);
            return;
        }
        if (validateOnly) {
            Edited edited = edited(change, entry(entity).stored.config());
            answer(request, index, entity, edited.refusal(), turn);
            return;
        }
        Entry entry = entry(entity);
        entry.waiting.add(new Waiting(request, index, change));
        proceed(entity, entry, turn);
    }

    private boolean topicExists(ConfigEntity entity) {
        TopicEntry topic = image.topic(entity.name());
        return topic != null && !topic.deleting;
    }

    private void proceed(ConfigEntity entity, Entry entry, Turn turn) {
        while (!entry.busy && !entry.waiting.isEmpty()) {
            Waiting waiting = entry.waiting.peek();
            Edited edited = edited(waiting.change, entry.stored.config());
            if (edited.refusal() != null || edited.config().equals(entry.stored.config())) {
                entry.waiting.remove();
                answer(waiting.request, waiting.index, entity, edited.refusal(), turn);
                continue;
            }
            entry.busy = true;
            entry.inFlight = edited.config();
            turn.works.add(new ControllerEffect.StoreConfig(entity, edited.config(), entry.stored.version()));
        }
    }

    void onWritten(ConfigEntity entity, WriteResult result, Turn turn) {
        Entry entry = entries.get(entity);
        if (entry == null || entry.inFlight == null) {
            return; // deleted meanwhile
        }
        Map<String, String> written = entry.inFlight;
        entry.inFlight = null;
        if (result instanceof WriteResult.Stored stored) {
            entry.busy = false;
            become(entity, entry, new StoredConfig(written, stored.version()), turn);
            Waiting done = entry.waiting.remove();
            answer(done.request, done.index, entity, null, turn);
            proceed(entity, entry, turn);
        } else {
            turn.works.add(new ControllerEffect.LoadConfig(entity)); // somebody else was first: from what they made
        }
    }

    void onLoaded(ConfigEntity entity, StoredConfig stored, Turn turn) {
        if (entity.type() == ConfigEntity.Type.TOPIC && !topicExists(entity)) {
            return;
        }
        Entry entry = entry(entity);
        if (entry.inFlight != null) {
            return; // our own write is under way, its outcome tells
        }
        entry.busy = false;
        become(entity, entry, stored, turn);
        proceed(entity, entry, turn);
    }

    private static void become(ConfigEntity entity, Entry entry, StoredConfig stored, Turn turn) {
        if (!stored.config().equals(entry.stored.config())) {
            turn.configs.put(entity, stored.config());
        }
        entry.stored = stored;
    }

    /** A notice is a hint to read; our own ones cost a read that changes nothing. */
    void onNoticed(List<Notice> notices, Turn turn) {
        Set<ConfigEntity> changed = new LinkedHashSet<>();
        for (Notice notice : notices) {
            if (notice.number() > lastNotice) {
                changed.add(notice.entity());
            }
        }
        for (Notice notice : notices) {
            lastNotice = Math.max(lastNotice, notice.number());
        }
        changed.forEach(entity -> turn.works.add(new ControllerEffect.LoadConfig(entity)));
    }

    /** The topic goes: whoever wanted to change its configuration is told. */
    void abandon(ConfigEntity entity, Turn turn) {
        Entry entry = entries.remove(entity);
        if (entry != null) {
            for (Waiting waiting : entry.waiting) {
                Refusal gone = new Refusal(Reason.UNKNOWN_TOPIC_OR_PARTITION, entity.name() + " is being deleted");
                answer(waiting.request, waiting.index, entity, gone, turn);
            }
        }
    }

    private Edited edited(ConfigChange change, Map<String, String> before) {
        Map<String, String> next = new TreeMap<>(change.replaceAll() ? Map.of() : before);
        for (ConfigChange.Op op : change.operations()) {
            switch (op.kind()) {
                case SET -> {
                    if (op.value() == null) {
                        return Edited.refused(Reason.INVALID_REQUEST, "no value for " + op.key());
                    }
                    next.put(op.key(), op.value());
                }
                case DELETE -> next.remove(op.key());
                case APPEND, SUBTRACT -> {
                    if (op.value() == null) {
                        return Edited.refused(Reason.INVALID_REQUEST, "no value for " + op.key());
                    }
                    String fallback = check.listDefault(change.entity(), op.key());
                    if (fallback == null) {
                        return Edited.refused(Reason.INVALID_CONFIG, op.key() + " is not a list");
                    }
                    List<String> elements = elements(next.getOrDefault(op.key(), fallback));
                    for (String element : elements(op.value())) {
                        elements.remove(element);
                        if (op.kind() == ConfigChange.Kind.APPEND) {
                            elements.add(element);
                        }
                    }
                    next.put(op.key(), String.join(",", elements));
                }
            }
        }
        if (StoredSize.ofConfig(next) > StoredSize.MAX_BYTES) {
            return Edited.refused(Reason.INVALID_CONFIG, "the configuration of " + change.entity() + " is too large");
        }
        String complaint = check.complaint(change.entity(), next);
        return complaint != null ? Edited.refused(Reason.INVALID_CONFIG, complaint) : new Edited(next, null);
    }

    private static List<String> elements(String list) {
        return new ArrayList<>(Arrays.stream(list.split(",", -1))
                .map(String::trim)
                .filter(element -> !element.isEmpty())
                .toList());
    }

    private static void answer(long request, int index, ConfigEntity entity, Refusal refusal, Turn turn) {
        turn.answers.add(new ControllerEffect.AnswerConfig(request, index, new ConfigResult(entity, refusal)));
    }

    private Entry entry(ConfigEntity entity) {
        return entries.computeIfAbsent(entity, any -> new Entry());
    }

    private static final class Entry {
        private StoredConfig stored = NOTHING;
        private final Deque<Waiting> waiting = new ArrayDeque<>(0);

        /** Writing or reading because of the first that waits. */
        private boolean busy;

        private Map<String, String> inFlight;
    }

    private record Waiting(long request, int index, ConfigChange change) {}

    private record Edited(Map<String, String> config, Refusal refusal) {
        static Edited refused(Reason reason, String message) {
            return new Edited(Map.of(), new Refusal(reason, message));
        }
    }
}
