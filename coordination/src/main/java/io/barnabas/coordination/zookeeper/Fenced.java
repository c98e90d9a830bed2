package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.Term;
import io.barnabas.coordination.zookeeper.ZooKeeperCalls.MultiAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/** Writes of a controller: transactions that begin with a check of its epoch, so that an old one writes nothing (CTRL-10). */
final class Fenced {
    private final ZooKeeperCalls calls;

    Fenced(ZooKeeperCalls calls) {
        this.calls = calls;
    }

    /** The operations after the check; an index in the answer counts them from 0, -1 is all well, -2 is fenced. */
    CompletionStage<Answer> write(Term term, List<Op> ops) {
        List<Op> all = new ArrayList<>(ops.size() + 1);
        all.add(Op.check(ZNodes.CONTROLLER_EPOCH, term.epochVersion()));
        all.addAll(ops);
        return calls.multi(all).thenApply(Answer::new);
    }

    CompletionStage<Answer> write(Term term, Op op) {
        return write(term, List.of(op));
    }

    /** What became of a fenced transaction. */
    record Answer(MultiAnswer raw) {
        boolean applied() {
            return raw.applied();
        }

        boolean fenced() {
            return raw.failedAt() == 0;
        }

        /** Index of the failed operation among those given; only if neither applied nor fenced. */
        int failedAt() {
            return raw.failedAt() - 1;
        }

        Code code() {
            return raw.code();
        }
    }

    static <T> CompletionStage<T> done(T value) {
        return CompletableFuture.completedFuture(value);
    }
}
