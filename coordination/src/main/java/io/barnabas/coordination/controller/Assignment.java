package io.barnabas.coordination.controller;

import io.barnabas.model.BrokerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Which brokers hold a partition, as its topic's node says it, and where a reassignment takes it (KIP-455). While it moves, the old
 * and the new replicas are all here. A replica that an earlier reassignment brought in and that is not wanted any more stands both
 * in {@code adding} and in {@code removing}: neither the origin nor the target has it.
 *
 * @param replicas all of them; the first is preferred as leader
 * @param adding   those that were not there before the move
 * @param removing those that will not be there after it
 */
record Assignment(List<BrokerId> replicas, List<BrokerId> adding, List<BrokerId> removing) {
    Assignment {
        replicas = List.copyOf(replicas);
        adding = List.copyOf(adding);
        removing = List.copyOf(removing);
    }

    static Assignment of(List<BrokerId> replicas) {
        return new Assignment(replicas, List.of(), List.of());
    }

    boolean isMoving() {
        return !adding.isEmpty() || !removing.isEmpty();
    }

    /** The replicas after the move. */
    List<BrokerId> target() {
        return without(replicas, removing);
    }

    /** The replicas before it. */
    List<BrokerId> origin() {
        return without(replicas, adding);
    }

    /** New replicas that the target wants. */
    List<BrokerId> joining() {
        return without(adding, removing);
    }

    /** Replicas of a reassignment that was replaced: they may go at once. */
    List<BrokerId> dropped() {
        return adding.stream().filter(removing::contains).toList();
    }

    /** On the way to {@code wanted} from where the partition was before it began to move. */
    Assignment movingTo(List<BrokerId> wanted) {
        LinkedHashSet<BrokerId> all = new LinkedHashSet<>(wanted);
        all.addAll(replicas);
        List<BrokerId> everybody = List.copyOf(all);
        return new Assignment(everybody, without(everybody, origin()), without(everybody, wanted));
    }

    /** The replicas of a replaced reassignment are gone. */
    Assignment shed() {
        List<BrokerId> gone = dropped();
        return new Assignment(without(replicas, gone), without(adding, gone), without(removing, gone));
    }

    /** The move is over. */
    Assignment arrived() {
        return of(target());
    }

    private static List<BrokerId> without(List<BrokerId> all, Collection<BrokerId> some) {
        List<BrokerId> rest = new ArrayList<>(all);
        rest.removeAll(some);
        return rest;
    }
}
