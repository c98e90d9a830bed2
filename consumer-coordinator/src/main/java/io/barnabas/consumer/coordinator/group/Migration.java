package io.barnabas.consumer.coordinator.group;

import io.barnabas.consumer.coordinator.journal.GroupKey;
import io.barnabas.consumer.coordinator.journal.GroupRecord;
import io.barnabas.consumer.coordinator.journal.GroupValue;
import io.barnabas.runtime.replicated.Turn;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/** Turns groups of the classic protocol into groups of the consumer protocol and back, while they work (GROUP-37). */
final class Migration {
    private static final byte[] NOTHING = {};

    private final ClassicProtocol classic;
    private final GroupConfig config;

    Migration(ClassicProtocol classic, GroupConfig config) {
        this.classic = classic;
        this.config = config;
    }

    // ---- classic to consumer

    /**
     * The group as a consumer group: members own what their leader gave them, at their generation.
     *
     * @param nothingYet of the same id
     * @return null if the group cannot be, or must not be, converted
     */
    GroupDraft upgrade(ClassicGroup group, ConsumerGroup nothingYet, TopicImage image) {
        ClassicGroup.Snapshot snapshot = group.snapshot();
        int generation = Math.max(1, snapshot.generationId());
        GroupDraft draft = GroupDraft.of(nothingYet, generation + 1);
        if (group.isEmpty()) {
            return draft;
        }
        if (!config.consumer().migrationPolicy().upgrades()
                || !ConsumerProtocolCodec.PROTOCOL_TYPE.equals(snapshot.protocolType())) {
            return null;
        }
        draft.targetEpoch(generation, 0);
        Map<String, PartitionSet> claims = new LinkedHashMap<>();
        for (ClassicGroup.MemberSnapshot member : snapshot.members()) {
            ConsumerSubscription subscription = subscription(member.protocols());
            ConsumerSubscription.Assignment assignment = ConsumerProtocolCodec.assignment(member.assignment());
            if (subscription == null || assignment == null) {
                return null;
            }
            ConsumerMember joining = ConsumerMember.joining(
                    member.memberId(),
                    info(
                            member.groupInstanceId(),
                            member.clientId(),
                            member.clientHost(),
                            member.rebalanceTimeoutMs(),
                            member.sessionTimeoutMs(),
                            member.protocols(),
                            subscription));
            // a leader may have given something twice; only one can keep it
            PartitionSet owned = byId(assignment.partitions(), image)
                    .filter((topic, partition) -> draft.owner(topic, partition) == null);
            draft.put(joining.assigned(generation, generation, ConsumerMember.State.STABLE, owned, PartitionSet.NONE));
            draft.target(member.memberId(), owned);
            claims.put(member.memberId(), byId(subscription.ownedPartitions(), image));
        }
        claims.forEach((memberId, claimed) -> keepClaimed(draft, draft.member(memberId), claimed));
        return draft;
    }

    /**
     * What a member said that it owns and was not given again, it may still own: cooperative members give up after a sync, and the group may have been on its way to
     * another generation. Nobody else gets it before the member joins again and no longer says so.
     */
    private static void keepClaimed(GroupDraft draft, ConsumerMember member, PartitionSet claimed) {
        PartitionSet kept = claimed.filter((topic, partition) -> draft.owner(topic, partition) == null);
        if (!kept.isEmpty()) {
            draft.put(member.assigned(
                    member.epoch(), member.previousEpoch(), ConsumerMember.State.UNREVOKED, member.assigned(), kept));
        }
    }

    /** To be written before the draft: the classic group ends, and who waits in it joins again. */
    void writeUpgrade(ClassicGroup group, Turn<GroupRecord> turn) {
        classic.dismissWaiting(group.groupId(), turn);
        group.writeTombstones(turn);
    }

    /** What a member says by a classic join. */
    static GroupValue.Member info(
            String instanceId,
            String clientId,
            String clientHost,
            int rebalanceTimeoutMs,
            int sessionTimeoutMs,
            List<JoinGroup.Protocol> protocols,
            ConsumerSubscription subscription) {
        return new GroupValue.Member(
                instanceId,
                subscription.rackId(),
                clientId,
                clientHost,
                List.copyOf(new TreeSet<>(subscription.topics())),
                null,
                rebalanceTimeoutMs,
                null,
                new GroupValue.ClassicMetadata(
                        sessionTimeoutMs,
                        protocols.stream()
                                .map(offer -> new GroupValue.ClassicProtocolOffer(offer.name(), offer.metadata()))
                                .toList()));
    }

    /** @return null if there is none, or it is none */
    static ConsumerSubscription subscription(List<JoinGroup.Protocol> protocols) {
        return protocols.isEmpty()
                ? null
                : ConsumerProtocolCodec.subscription(protocols.get(0).metadata());
    }

    /** Topics that are gone are left out. */
    static PartitionSet byId(Map<String, SortedSet<Integer>> byName, TopicImage image) {
        Map<UUID, Set<Integer>> byId = new HashMap<>();
        byName.forEach((name, partitions) -> {
            TopicImage.Topic topic = image.topic(name);
            if (topic != null) {
                byId.computeIfAbsent(topic.id(), none -> new TreeSet<>()).addAll(partitions);
            }
        });
        return PartitionSet.of(byId);
    }

    // ---- consumer to classic

    /** Whether the group has members, and all of them speak the classic protocol. */
    boolean isToBeClassic(GroupDraft draft) {
        return draft.size() > 0
                && draft.size() <= config.maxSize()
                && config.consumer().migrationPolicy().downgrades()
                && draft.allSpeakClassic()
                && !commonProtocols(draft.members()).isEmpty();
    }

    /** The group goes on where it is; as soon as this is written, the classic protocol takes it over and has its members join. */
    void writeDowngrade(GroupDraft draft, TopicImage image, Turn<GroupRecord> turn) {
        draft.base().writeTombstones(turn);
        String protocol = commonProtocols(draft.members()).iterator().next();
        List<GroupValue.ClassicMember> members = new ArrayList<>(draft.size());
        for (ConsumerMember member : draft.members()) {
            byte[] subscription = NOTHING;
            for (GroupValue.ClassicProtocolOffer offer : member.info().classic().protocols()) {
                if (offer.name().equals(protocol)) {
                    subscription = offer.metadata();
                }
            }
            members.add(new GroupValue.ClassicMember(
                    member.memberId(),
                    member.instanceId(),
                    member.info().clientId(),
                    member.info().clientHost(),
                    member.info().rebalanceTimeoutMs(),
                    member.info().classic().sessionTimeoutMs(),
                    subscription,
                    assignment(member, member.held(), image)));
        }
        // what a member has been asked to give up it may still own: until it joins again, that is nobody else's.
        // it has no leader: whoever loads it knows by that that its members have still to be asked to join.
        // members are at the epoch that is stored: as their generation, it lets them go on until they are asked to join
        turn.write(new GroupRecord(
                new GroupKey.ClassicGroup(draft.groupId()),
                new GroupValue.ClassicGroup(
                        ConsumerProtocolCodec.PROTOCOL_TYPE,
                        draft.base().epoch(),
                        protocol,
                        null,
                        turn.epochMillis(),
                        members)));
        turn.startTimer(ClassicProtocol.adoption(draft.groupId()), 0);
    }

    /** An empty group goes on as an empty classic one. */
    static void writeEmptyDowngrade(ConsumerGroup group, Turn<GroupRecord> turn) {
        group.writeTombstones(turn);
        turn.write(new GroupRecord(
                new GroupKey.ClassicGroup(group.groupId()),
                new GroupValue.ClassicGroup(
                        ConsumerProtocolCodec.PROTOCOL_TYPE,
                        group.epoch(),
                        null,
                        null,
                        turn.epochMillis(),
                        List.of())));
    }

    /** What all classic members among these can do, as the first of them prefers it. */
    static Set<String> commonProtocols(Iterable<ConsumerMember> members) {
        Set<String> common = null;
        for (ConsumerMember member : members) {
            if (member.speaksClassic()) {
                Set<String> offered = new LinkedHashSet<>();
                member.info().classic().protocols().forEach(offer -> offered.add(offer.name()));
                if (common == null) {
                    common = offered;
                } else {
                    common.retainAll(offered);
                }
            }
        }
        return common == null ? Set.of() : common;
    }

    /** What a classic member is to own, in the version that it speaks. */
    static byte[] assignment(ConsumerMember member, TopicImage image) {
        return assignment(member, member.assigned(), image);
    }

    private static byte[] assignment(ConsumerMember member, PartitionSet owned, TopicImage image) {
        SortedMap<String, SortedSet<Integer>> byName = new TreeMap<>();
        owned.forEach((id, partition) -> {
            TopicImage.Topic topic = image.topic(id);
            if (topic != null) {
                byName.computeIfAbsent(topic.name(), none -> new TreeSet<>()).add(partition);
            }
        });
        short version = ConsumerProtocolCodec.versionOf(
                member.info().classic().protocols().get(0).metadata());
        return ConsumerProtocolCodec.bytes(
                new ConsumerSubscription.Assignment(byName, null), (short) Math.max(0, version));
    }
}
