package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.runtime.replicated.TimerKey;
import io.barnabas.runtime.replicated.Turn;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds out which topics the expressions of members match: when one is new, when topics come and go, and now and then (GROUP-35). */
final class RegexMatching {
    private final GroupConfig.Consumer config;
    private final Transitions transitions;

    RegexMatching(GroupConfig.Consumer config, Transitions transitions) {
        this.config = config;
        this.transitions = transitions;
    }

    void onDue(ConsumerGroup group, Turn<GroupRecord> turn) {
        Set<String> regexes = Subscriptions.regexesOf(group.members());
        if (regexes.isEmpty()) {
            return;
        }
        GroupVitals vitals = transitions.vitals(group.groupId());
        if (vitals.isMatching || !transitions.knowsTopics()) {
            vitals.isMatchingStale = vitals.isMatching;
            return;
        }
        vitals.isMatching = true;
        vitals.isMatchingStale = false;
        TopicImage image = transitions.topics();
        turn.compute(
                () -> Subscriptions.match(regexes, image.names()),
                (matched, next) -> onMatched(group.groupId(), image.version(), matched, next));
    }

    private void onMatched(
            String groupId, long imageVersion, Map<String, List<String>> matched, Turn<GroupRecord> turn) {
        ConsumerGroup group = transitions.find(groupId);
        if (group == null) {
            return;
        }
        GroupVitals vitals = transitions.vitals(groupId);
        vitals.isMatching = false;
        if (matched == null) {
            again(groupId, Transitions.RETRY_MILLIS, turn);
            return;
        }
        GroupDraft draft = new GroupDraft(group);
        Set<String> used = Subscriptions.regexesOf(group.members());
        boolean isNews = false;
        boolean differs = false;
        for (Map.Entry<String, List<String>> entry : matched.entrySet()) {
            GroupValue.MatchedTopics before = draft.matched(entry.getKey());
            List<String> topics = entry.getValue();
            if (used.contains(entry.getKey())
                    && (before == null || !before.topics().equals(topics))) {
                draft.matched(entry.getKey(), new GroupValue.MatchedTopics(topics, imageVersion, turn.epochMillis()));
                isNews = true;
                differs |= before != null || !topics.isEmpty();
            }
        }
        if (differs || Subscriptions.hash(draft.subscribedTopics(), transitions.topics()) != draft.metadataHash()) {
            transitions.changed(draft, "topics match a regular expression, or no longer", null, turn);
            isNews = true;
        }
        if (isNews) {
            turn.ifRefused((refusal, next) -> again(groupId, Transitions.RETRY_MILLIS, next));
            transitions.write(draft, turn);
        }
        boolean isStale = vitals.isMatchingStale || transitions.topics().version() != imageVersion;
        again(groupId, isStale ? 0 : config.regexRefreshIntervalMs(), turn);
    }

    private static void again(String groupId, long delayMillis, Turn<GroupRecord> turn) {
        turn.startTimer(new TimerKey(groupId, ConsumerProtocol.Due.REGEX, ""), delayMillis);
    }
}
