package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.assignor.TopicPatterns;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Which topics members mean, and what those look like (GROUP-29, GROUP-35). */
final class Subscriptions {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Subscriptions() {}

    /** Names of topics, whether or not they exist; in order. */
    static Set<String> union(Collection<ConsumerMember> members, Map<String, GroupValue.MatchedTopics> regexes) {
        Set<String> names = new TreeSet<>();
        Set<List<String>> seen = new HashSet<>();
        for (ConsumerMember member : members) {
            if (seen.add(member.info().subscribedTopicNames())) {
                names.addAll(member.info().subscribedTopicNames());
            }
            if (member.hasRegex()) {
                GroupValue.MatchedTopics matched = regexes.get(member.info().subscribedTopicRegex());
                if (matched != null && seen.add(matched.topics())) {
                    names.addAll(matched.topics());
                }
            }
        }
        return names;
    }

    /** Expressions that members use; in order. */
    static Set<String> regexesOf(Collection<ConsumerMember> members) {
        Set<String> regexes = new TreeSet<>();
        for (ConsumerMember member : members) {
            if (member.hasRegex()) {
                regexes.add(member.info().subscribedTopicRegex());
            }
        }
        return regexes;
    }

    /** Ids of the topics that exist, for one member after the other; those who say the same share a set. */
    static final class TopicIdsOf {
        private final TopicImage image;
        private final Map<String, GroupValue.MatchedTopics> regexes;
        private final Map<List<String>, Map<String, Set<UUID>>> known = new HashMap<>();

        TopicIdsOf(TopicImage image, Map<String, GroupValue.MatchedTopics> regexes) {
            this.image = image;
            this.regexes = regexes;
        }

        Set<UUID> member(ConsumerMember member) {
            String regex = member.hasRegex() ? member.info().subscribedTopicRegex() : "";
            return known.computeIfAbsent(member.info().subscribedTopicNames(), names -> new HashMap<>())
                    .computeIfAbsent(regex, expression -> ids(member.info().subscribedTopicNames(), expression));
        }

        private Set<UUID> ids(List<String> names, String regex) {
            Set<UUID> ids = new HashSet<>();
            addAll(names, ids);
            GroupValue.MatchedTopics matched = regexes.get(regex);
            if (matched != null) {
                addAll(matched.topics(), ids);
            }
            return Set.copyOf(ids);
        }

        private void addAll(List<String> names, Set<UUID> ids) {
            for (String name : names) {
                TopicImage.Topic topic = image.topic(name);
                if (topic != null) {
                    ids.add(topic.id());
                }
            }
        }
    }

    /**
     * A number that differs when one of the topics has come, gone, grown or changed its racks.
     *
     * @return 0 if none of them exists
     */
    static long hash(Collection<String> topicNames, TopicImage image) {
        long hash = 0;
        for (String name : new TreeSet<>(topicNames)) {
            TopicImage.Topic topic = image.topic(name);
            if (topic != null) {
                hash = mix(hash == 0 ? FNV_OFFSET : hash, topic.id().getMostSignificantBits());
                hash = mix(hash, topic.id().getLeastSignificantBits());
                hash = mix(hash, topic.partitionCount());
                for (int partition = 0; partition < topic.partitionCount(); partition++) {
                    Set<String> racks = new TreeSet<>(topic.racks(partition));
                    hash = mix(hash, racks.size());
                    for (String rack : racks) {
                        hash = mix(hash, rack.length());
                        for (int index = 0; index < rack.length(); index++) {
                            hash = mix(hash, rack.charAt(index));
                        }
                    }
                }
            }
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        long mixed = hash;
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            mixed = (mixed ^ (value >>> shift & 0xff)) * FNV_PRIME;
        }
        return mixed;
    }

    /** By expression, those that it matches, from {@code topicNames}. Takes its time. */
    static Map<String, List<String>> match(Set<String> regexes, Collection<String> topicNames) {
        Map<String, List<String>> matched = new TreeMap<>();
        for (String regex : regexes) {
            TopicPatterns.Result compiled = TopicPatterns.compile(regex);
            // one that an older version took and this one does not, matches nothing
            matched.put(
                    regex,
                    compiled.patterns() == null
                            ? List.of()
                            : compiled.patterns().matching(topicNames));
        }
        return matched;
    }
}
