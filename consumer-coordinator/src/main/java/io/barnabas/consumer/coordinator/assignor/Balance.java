package io.barnabas.consumer.coordinator.assignor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * One task being worked out, members and topics by their numbers. The steps of {@link UniformAssignor} are called in order, once.
 *
 * <p>Levelling moves single partitions along the shortest chain of members from a loaded one to one that has at least two fewer. When no such chain is
 * left, no assignment is more even (as for semi-matchings: Harvey, Ladner, Lovász, Tamir 2003).
 */
final class Balance {
    private static final int NOBODY = -1;

    /** Up to so many partitions it costs less to look for the least loaded member each time than to keep all in order. */
    private static final int FEW = 8;

    private final List<Subscriber> members;
    private final List<UUID> topicIds;
    private final TopicShape[] shapes;
    /** By topic: who subscribes, in order. Topics with the same subscribers share one, so that a search looks at it once. */
    private final Audience[] audiences;
    /** By topic and partition: whose it was, and whose it is to be. */
    private final int[][] before;

    private final int[][] after;
    /** By member: how many partitions it is to have, and of which topics how many. */
    private final int[] loads;

    private final List<TreeMap<Integer, Integer>> countsByTopic;

    private record Audience(int number, int[] members) {}

    Balance(AssignmentTask task) {
        members = new ArrayList<>(task.subscribers());
        members.sort(Subscriber.ORDER);
        loads = new int[members.size()];
        countsByTopic = new ArrayList<>();
        Map<Set<UUID>, BitSet> bySubscription = new HashMap<>();
        for (int member = 0; member < members.size(); member++) {
            countsByTopic.add(new TreeMap<>());
            bySubscription
                    .computeIfAbsent(members.get(member).topics(), first -> new BitSet())
                    .set(member);
        }
        Map<UUID, BitSet> subscribersOf = new TreeMap<>();
        bySubscription.forEach((subscription, subscribers) -> {
            for (UUID topic : subscription) {
                if (task.topics().containsKey(topic)) {
                    subscribersOf.computeIfAbsent(topic, first -> new BitSet()).or(subscribers);
                }
            }
        });
        topicIds = List.copyOf(subscribersOf.keySet());
        shapes = new TopicShape[topicIds.size()];
        audiences = new Audience[topicIds.size()];
        before = new int[topicIds.size()][];
        after = new int[topicIds.size()][];
        Map<BitSet, Audience> known = new LinkedHashMap<>();
        for (int topic = 0; topic < topicIds.size(); topic++) {
            shapes[topic] = task.topics().get(topicIds.get(topic));
            BitSet subscribers = subscribersOf.get(topicIds.get(topic));
            Audience audience = known.get(subscribers);
            if (audience == null) {
                audience = new Audience(known.size(), subscribers.stream().toArray());
                known.put(subscribers, audience);
            }
            audiences[topic] = audience;
            before[topic] = new int[shapes[topic].partitionCount()];
            Arrays.fill(before[topic], NOBODY);
            after[topic] = before[topic].clone();
        }
    }

    /** Everyone keeps what it has and still subscribes to; of two that claim the same, the first. */
    void keepCurrent() {
        Map<UUID, Integer> numbers = new HashMap<>();
        for (int topic = 0; topic < topicIds.size(); topic++) {
            numbers.put(topicIds.get(topic), topic);
        }
        for (int member = 0; member < members.size(); member++) {
            Subscriber subscriber = members.get(member);
            for (Map.Entry<UUID, Set<Integer>> current : subscriber.current().entrySet()) {
                Integer topic = numbers.get(current.getKey());
                if (topic != null && subscriber.topics().contains(current.getKey())) {
                    keep(topic, current.getValue(), member);
                }
            }
        }
    }

    private void keep(int topic, Set<Integer> partitions, int member) {
        for (int partition : partitions) {
            if (partition >= 0 && partition < before[topic].length && before[topic][partition] == NOBODY) {
                before[topic][partition] = member;
                give(topic, partition, member);
            }
        }
    }

    /** What nobody has goes to those with the fewest, topics with the smallest choice of subscribers first. */
    void dealOut() {
        List<Integer> order = new ArrayList<>();
        for (int topic = 0; topic < topicIds.size(); topic++) {
            order.add(topic);
        }
        order.sort((one, other) -> Integer.compare(audiences[one].members().length, audiences[other].members().length));
        for (int topic : order) {
            dealOut(topic);
        }
    }

    private void dealOut(int topic) {
        int[] audience = audiences[topic].members();
        List<Integer> open = new ArrayList<>();
        for (int partition = 0; partition < after[topic].length; partition++) {
            if (after[topic][partition] == NOBODY) {
                open.add(partition);
            }
        }
        if (open.size() <= FEW) {
            for (int partition : open) {
                give(topic, partition, leastLoaded(audience));
            }
            return;
        }
        PriorityQueue<Integer> leastLoadedFirst = new PriorityQueue<>((one, other) ->
                loads[one] != loads[other] ? Integer.compare(loads[one], loads[other]) : one.compareTo(other));
        for (int member : audience) {
            leastLoadedFirst.add(member);
        }
        for (int partition : open) {
            int member = leastLoadedFirst.remove();
            give(topic, partition, member);
            leastLoadedFirst.add(member);
        }
    }

    private int leastLoaded(int[] among) {
        int least = among[0];
        for (int member : among) {
            if (loads[member] < loads[least]) {
                least = member;
            }
        }
        return least;
    }

    /**
     * Moves partitions along chains that make two loads more alike, each member looked at once.
     *
     * @return whether any moved: then a way may be open now to one that was looked at before
     */
    boolean level() {
        boolean moved = false;
        boolean[] settled = new boolean[members.size()];
        PriorityQueue<Integer> mostLoadedFirst = new PriorityQueue<>((one, other) ->
                loads[one] != loads[other] ? Integer.compare(loads[other], loads[one]) : one.compareTo(other));
        for (int member = 0; member < loads.length; member++) {
            mostLoadedFirst.add(member);
        }
        while (!mostLoadedFirst.isEmpty()) {
            int member = mostLoadedFirst.remove();
            if (settled[member]) {
                continue;
            }
            Search search = new Search(member, settled);
            int end = search.run();
            if (end == NOBODY) {
                // Nobody whom this one can reach, be it through others, has room; loads fall from here on, so nobody of
                // them ever will.
                search.markReached(settled);
                continue;
            }
            search.moveTo(end);
            moved = true;
            mostLoadedFirst.add(member);
            if (mostLoadedFirst.remove(end)) {
                mostLoadedFirst.add(end);
            }
        }
        return moved;
    }

    /** A breadth-first search for somebody with at least two partitions fewer. */
    private final class Search {
        private final int start;
        private final boolean[] settled;
        private final int[] cameFrom = new int[members.size()];
        private final int[] overTopic = new int[members.size()];
        private final BitSet seenAudiences = new BitSet();
        /** Nobody has fewer, so there is nobody better to be found. */
        private int fewest = Integer.MAX_VALUE;

        Search(int start, boolean[] settled) {
            this.start = start;
            this.settled = settled;
            Arrays.fill(cameFrom, NOBODY);
            cameFrom[start] = start;
            for (int member = 0; member < settled.length; member++) {
                fewest = settled[member] ? fewest : Math.min(fewest, loads[member]);
            }
        }

        /** @return who has the fewest partitions of the nearest ones with room, or {@link #NOBODY} */
        int run() {
            List<Integer> ring = List.of(start);
            while (!ring.isEmpty()) {
                List<Integer> next = new ArrayList<>();
                int best = NOBODY;
                for (int member : ring) {
                    for (int topic : countsByTopic.get(member).keySet()) {
                        Audience audience = audiences[topic];
                        if (seenAudiences.get(audience.number())) {
                            continue;
                        }
                        seenAudiences.set(audience.number());
                        for (int other : audience.members()) {
                            if (cameFrom[other] != NOBODY || settled[other]) {
                                continue;
                            }
                            cameFrom[other] = member;
                            overTopic[other] = topic;
                            next.add(other);
                            if (loads[other] <= loads[start] - 2 && (best == NOBODY || loads[other] < loads[best])) {
                                best = other;
                                if (loads[best] == fewest) {
                                    return best;
                                }
                            }
                        }
                    }
                }
                if (best != NOBODY) {
                    return best;
                }
                ring = next;
            }
            return NOBODY;
        }

        void markReached(boolean[] reached) {
            for (int member = 0; member < cameFrom.length; member++) {
                if (cameFrom[member] != NOBODY) {
                    reached[member] = true;
                }
            }
        }

        void moveTo(int end) {
            for (int to = end; to != start; to = cameFrom[to]) {
                int topic = overTopic[to];
                give(topic, cheapest(topic, cameFrom[to], to), to);
            }
        }
    }

    /** Which partition to move: best one that comes home, or one that has moved anyway, or one of another rack. */
    private int cheapest(int topic, int from, int to) {
        int best = NOBODY;
        int bestWorth = -1;
        for (int partition = 0; partition < after[topic].length; partition++) {
            if (after[topic][partition] != from) {
                continue;
            }
            int owner = before[topic][partition];
            int worth = owner == to ? 8 : owner != from ? 4 : 0;
            worth += isNear(topic, partition, to) ? 2 : 0;
            worth += isNear(topic, partition, from) ? 0 : 1;
            if (worth >= bestWorth) {
                best = partition;
                bestWorth = worth;
            }
        }
        return best;
    }

    /**
     * Within each topic, what moves is divided anew among those that get something of it: first to whom it belonged, then to members of its racks, the
     * rest in order. Loads stay as they are.
     */
    void settle() {
        for (int topic = 0; topic < topicIds.size(); topic++) {
            List<Integer> moving = new ArrayList<>();
            int[] room = new int[members.size()];
            for (int partition = 0; partition < after[topic].length; partition++) {
                int owner = after[topic][partition];
                if (owner != NOBODY && owner != before[topic][partition]) {
                    moving.add(partition);
                    room[owner]++;
                }
            }
            if (moving.size() > 1) {
                settle(topic, moving, room);
            }
        }
    }

    private void settle(int topic, List<Integer> moving, int[] room) {
        moving.removeIf(partition -> {
            int owner = before[topic][partition];
            return owner != NOBODY && room[owner] > 0 && settle(topic, partition, owner, room);
        });
        Map<String, ArrayDeque<Integer>> roomByRack = new TreeMap<>();
        for (int member : audiences[topic].members()) {
            String rackId = members.get(member).rackId();
            for (int slot = 0; rackId != null && slot < room[member]; slot++) {
                roomByRack.computeIfAbsent(rackId, first -> new ArrayDeque<>()).add(member);
            }
        }
        if (!shapes[topic].racks().isEmpty()) {
            // Partitions with the fewest racks that have room choose first; they take the rack with the most room.
            moving.sort((one, other) ->
                    Integer.compare(choices(topic, one, roomByRack), choices(topic, other, roomByRack)));
            moving.removeIf(partition -> {
                ArrayDeque<Integer> roomiest = null;
                for (String rackId : new TreeSet<>(shapes[topic].racks().get(partition))) {
                    ArrayDeque<Integer> candidates = roomByRack.get(rackId);
                    if (candidates != null && (roomiest == null || candidates.size() > roomiest.size())) {
                        roomiest = candidates;
                    }
                }
                return roomiest != null && !roomiest.isEmpty() && settle(topic, partition, roomiest.remove(), room);
            });
        }
        Collections.sort(moving);
        int[] audience = audiences[topic].members();
        for (int place = 0; !moving.isEmpty(); place = (place + 1) % audience.length) {
            if (room[audience[place]] > 0) {
                settle(topic, moving.remove(0), audience[place], room);
            }
        }
    }

    private int choices(int topic, int partition, Map<String, ArrayDeque<Integer>> roomByRack) {
        int choices = 0;
        for (String rackId : shapes[topic].racks().get(partition)) {
            choices += roomByRack.containsKey(rackId) ? 1 : 0;
        }
        return choices;
    }

    private boolean settle(int topic, int partition, int member, int[] room) {
        room[member]--;
        after[topic][partition] = member;
        return true;
    }

    private void give(int topic, int partition, int member) {
        int owner = after[topic][partition];
        if (owner != NOBODY) {
            loads[owner]--;
            countsByTopic.get(owner).computeIfPresent(topic, (same, count) -> count == 1 ? null : count - 1);
        }
        after[topic][partition] = member;
        loads[member]++;
        countsByTopic.get(member).merge(topic, 1, Integer::sum);
    }

    private boolean isNear(int topic, int partition, int member) {
        return shapes[topic].isNear(partition, members.get(member).rackId());
    }

    Map<String, Map<UUID, Set<Integer>>> result() {
        Map<String, Map<UUID, Set<Integer>>> result = new LinkedHashMap<>();
        for (Subscriber member : members) {
            result.put(member.memberId(), new TreeMap<>());
        }
        for (int topic = 0; topic < topicIds.size(); topic++) {
            for (int partition = 0; partition < after[topic].length; partition++) {
                result.get(members.get(after[topic][partition]).memberId())
                        .computeIfAbsent(topicIds.get(topic), first -> new TreeSet<>())
                        .add(partition);
            }
        }
        return result;
    }
}
