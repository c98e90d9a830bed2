package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.ControllerLease;
import io.barnabas.coordination.store.Term;
import io.barnabas.model.BrokerId;
import io.barnabas.runtime.time.Clock;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;

/** The office of controller: an ephemeral node and an epoch, taken together in one transaction (CTRL-09). */
final class ZooKeeperLease implements ControllerLease {
    private final ZooKeeperCalls calls;
    private final Clock clock;

    ZooKeeperLease(ZooKeeperCalls calls, Clock clock) {
        this.calls = calls;
        this.clock = clock;
    }

    @Override
    public CompletionStage<Holder> holder(Runnable onChange) {
        return read(OneShot.of(onChange));
    }

    @Override
    public CompletionStage<Holder> look() {
        return read(null);
    }

    /** @param watcher null for none */
    private CompletionStage<Holder> read(Watcher watcher) {
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.CONTROLLER, watcher))
                .thenCombine(calls.read(ZNodes.CONTROLLER_EPOCH, null), (controller, epoch) -> {
                    int last = epoch.exists() ? ZNodes.controllerEpoch(epoch.data()) : 0;
                    return controller.exists()
                            ? new Holder(
                                    ZNodes.controller(controller.data()),
                                    controller.stat().getEphemeralOwner() == calls.sessionId(),
                                    last)
                            : new Holder(BrokerId.NONE, false, last);
                });
    }

    @Override
    public CompletionStage<Attempt> acquire(BrokerId candidate) {
        return calls.read(ZNodes.CONTROLLER_EPOCH, null).thenCompose(epoch -> {
            if (!epoch.exists()) {
                return calls.multi(List.of(persistentEpoch())).thenCompose(made -> acquire(candidate));
            }
            int version = epoch.stat().getVersion();
            Term term = new Term(ZNodes.controllerEpoch(epoch.data()) + 1, version + 1);
            List<Op> ops = List.of(
                    Op.create(
                            ZNodes.CONTROLLER,
                            ZNodes.controller(candidate, clock.epochMillis()),
                            ZooDefs.Ids.OPEN_ACL_UNSAFE,
                            CreateMode.EPHEMERAL),
                    Op.setData(ZNodes.CONTROLLER_EPOCH, ZNodes.controllerEpoch(term.controllerEpoch()), version));
            return calls.multi(ops)
                    .thenCompose(answer -> answer.applied() ? Fenced.done(new Attempt(term)) : wonAfterAll(term));
        });
    }

    @Override
    public CompletionStage<Attempt> usurp(BrokerId candidate, BrokerId deposed, int controllerEpoch) {
        return calls.sync()
                .thenCompose(synced -> calls.read(ZNodes.CONTROLLER_EPOCH, null))
                .thenCompose(epoch -> calls.read(ZNodes.CONTROLLER, null).thenCompose(controller -> {
                    if (!epoch.exists()
                            || ZNodes.controllerEpoch(epoch.data()) != controllerEpoch
                            || !controller.exists()
                            || !ZNodes.controller(controller.data()).equals(deposed)
                            || controller.stat().getEphemeralOwner() == calls.sessionId()) {
                        return Fenced.done(new Attempt(null));
                    }
                    int version = epoch.stat().getVersion();
                    Term term = new Term(controllerEpoch + 1, version + 1);
                    // The epoch's version proves that the node is still the one of that term; its own is always 0.
                    List<Op> ops = List.of(
                            Op.setData(ZNodes.CONTROLLER_EPOCH, ZNodes.controllerEpoch(controllerEpoch + 1), version),
                            Op.delete(ZNodes.CONTROLLER, -1),
                            Op.create(
                                    ZNodes.CONTROLLER,
                                    ZNodes.controller(candidate, clock.epochMillis()),
                                    ZooDefs.Ids.OPEN_ACL_UNSAFE,
                                    CreateMode.EPHEMERAL));
                    return calls.multi(ops)
                            .thenCompose(
                                    answer -> answer.applied() ? Fenced.done(new Attempt(term)) : wonAfterAll(term));
                }));
    }

    /** A no may be the echo of our own success whose answer was lost. */
    private CompletionStage<Attempt> wonAfterAll(Term term) {
        return calls.read(ZNodes.CONTROLLER, null)
                .thenCombine(calls.read(ZNodes.CONTROLLER_EPOCH, null), (controller, epoch) -> {
                    boolean ours = controller.exists()
                            && controller.stat().getEphemeralOwner() == calls.sessionId()
                            && epoch.exists()
                            && epoch.stat().getVersion() == term.epochVersion();
                    return new Attempt(ours ? term : null);
                });
    }

    private static Op persistentEpoch() {
        return Op.create(
                ZNodes.CONTROLLER_EPOCH, ZNodes.controllerEpoch(0), ZooDefs.Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
    }

    @Override
    public CompletionStage<Void> release(Term term) {
        return calls.read(ZNodes.CONTROLLER_EPOCH, null)
                .thenCompose(epoch -> calls.read(ZNodes.CONTROLLER, null).thenCompose(controller -> {
                    if (!epoch.exists()
                            || ZNodes.controllerEpoch(epoch.data()) != term.controllerEpoch()
                            || !controller.exists()
                            || controller.stat().getEphemeralOwner() != calls.sessionId()) {
                        return Fenced.<Void>done(null);
                    }
                    // The check keeps us from deleting a successor's node, whose version is 0 as well.
                    List<Op> ops = List.of(
                            Op.check(ZNodes.CONTROLLER_EPOCH, epoch.stat().getVersion()),
                            Op.delete(ZNodes.CONTROLLER, -1));
                    return calls.multi(ops).thenApply(answer -> null);
                }));
    }
}
