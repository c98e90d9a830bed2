package io.barnabas.coordination.zookeeper;

import io.barnabas.coordination.store.CoordinationException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BiConsumer;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.SetDataRequest;

/**
 * Asynchronous calls on the link's current session. After a lost connection a call is made again once there is one, so a
 * write may be applied twice: every write here is conditional, and whoever gets a no compares what is stored with what it
 * wanted (CTRL-07). Only closing ends the tries.
 */
final class ZooKeeperCalls {
    static final int READ_BLOCK = 500;

    /** Below ZooKeeper's {@code jute.maxbuffer} of 1,048,575 bytes. */
    static final int MAX_REQUEST_BYTES = 1_000_000;

    /** Of an operation, beside its path and data. */
    private static final int OVERHEAD_BYTES = 64;

    /** The connection is to blame: the call is made again on the next one. */
    private static final Set<Code> TRY_AGAIN = EnumSet.of(Code.CONNECTIONLOSS, Code.SESSIONEXPIRED, Code.SESSIONMOVED);

    /** Answers of a read that say something about the node; any other leaves us ignorant, and is a failure. */
    private static final Set<Code> READ_ANSWERS = EnumSet.of(Code.OK, Code.NONODE);

    /** Answers of a transaction that say: nothing was written, and this is why. */
    private static final Set<Code> WRITE_ANSWERS = EnumSet.of(
            Code.OK,
            Code.NONODE,
            Code.NODEEXISTS,
            Code.BADVERSION,
            Code.NOTEMPTY,
            Code.NOCHILDRENFOREPHEMERALS,
            Code.RUNTIMEINCONSISTENCY);

    private final ZooKeeperLink link;
    private final ConcurrentLinkedQueue<Runnable> untilConnected = new ConcurrentLinkedQueue<>();
    private volatile boolean closed;

    ZooKeeperCalls(ZooKeeperLink link) {
        this.link = link;
    }

    /** A node's content, or its absence. */
    record Node(byte[] data, Stat stat) {
        boolean exists() {
            return stat != null;
        }
    }

    /**
     * @param failedAt index of the operation that failed, -1 if all were applied
     * @param code     what went wrong there
     */
    record MultiAnswer(int failedAt, Code code, List<OpResult> results) {
        boolean applied() {
            return failedAt < 0;
        }
    }

    /** Session of the next call; 0 while there is none. */
    long sessionId() {
        return link.sessionId();
    }

    boolean isConnected() {
        return link.isConnected();
    }

    /** Runs {@code action} on any thread, {@code millis} from now. */
    void later(long millis, Runnable action) {
        link.later(millis, action);
    }

    void close() {
        closed = true;
        runWaiting();
    }

    /** There is a connection: calls that waited are made again. */
    void onConnected() {
        runWaiting();
    }

    private void runWaiting() {
        for (Runnable call = untilConnected.poll(); call != null; call = untilConnected.poll()) {
            call.run();
        }
    }

    /**
     * All or nothing; all operations in one transaction. Fails, and is not sent, if the server would answer its size by closing
     * the connection (CTRL-32): tried again for ever, that would end the session.
     */
    CompletionStage<MultiAnswer> multi(List<Op> ops) {
        long bytes = 0;
        for (Op op : ops) {
            bytes += OVERHEAD_BYTES + op.getPath().length() + dataBytes(op);
        }
        if (bytes > MAX_REQUEST_BYTES) {
            return CompletableFuture.failedFuture(new CoordinationException(
                    "a write of " + bytes + " bytes is more than ZooKeeper takes at once (jute.maxbuffer)"));
        }
        return call(
                WRITE_ANSWERS,
                answer -> link.multi(ops, (code, results) -> answer.accept(code, toAnswer(code, results))));
    }

    private static int dataBytes(Op op) {
        byte[] data = null;
        if (op.toRequestRecord() instanceof CreateRequest create) {
            data = create.getData();
        } else if (op.toRequestRecord() instanceof SetDataRequest set) {
            data = set.getData();
        }
        return data == null ? 0 : data.length;
    }

    private static MultiAnswer toAnswer(Code code, List<OpResult> results) {
        if (code == Code.OK) {
            return new MultiAnswer(-1, Code.OK, results);
        }
        for (int index = 0; results != null && index < results.size(); index++) {
            if (results.get(index) instanceof OpResult.ErrorResult error
                    && error.getErr() != 0
                    && error.getErr() != Code.RUNTIMEINCONSISTENCY.intValue()) {
                return new MultiAnswer(index, Code.get(error.getErr()), results);
            }
        }
        return new MultiAnswer(0, code, results);
    }

    /** @param watcher null for none; it stays armed on an absent node, too */
    CompletionStage<Node> read(String path, Watcher watcher) {
        CompletionStage<Stat> armed = watcher == null
                ? CompletableFuture.completedFuture(null)
                : call(READ_ANSWERS, answer -> link.exists(path, watcher, answer::accept));
        return armed.thenCompose(ignored -> call(
                READ_ANSWERS,
                answer -> link.data(
                        path,
                        (code, data, stat) ->
                                answer.accept(code, code == Code.OK ? new Node(data, stat) : new Node(null, null)))));
    }

    /** Names of the children, none if the node is absent. */
    CompletionStage<List<String>> children(String path, Watcher watcher) {
        return call(
                READ_ANSWERS,
                answer -> link.children(
                        path, watcher, (code, names) -> answer.accept(code, code == Code.OK ? names : List.of())));
    }

    /** What was acknowledged anywhere before this is seen by reads after it (CTRL-08). */
    CompletionStage<Void> sync() {
        return call(READ_ANSWERS, answer -> link.sync(answer::accept));
    }

    /** Nodes of any size, each by a call of its own, pipelined; in order of {@code paths}. */
    CompletionStage<List<Node>> readEach(List<String> paths) {
        List<CompletableFuture<Node>> reads = new ArrayList<>(paths.size());
        for (String path : paths) {
            reads.add(read(path, null).toCompletableFuture());
        }
        return CompletableFuture.allOf(reads.toArray(CompletableFuture[]::new))
                .thenApply(all -> reads.stream().map(CompletableFuture::join).toList());
    }

    /** Many small nodes with few round trips; in order of {@code paths}. */
    CompletionStage<List<Node>> readAll(List<String> paths) {
        List<CompletionStage<List<Node>>> blocks = new ArrayList<>();
        for (int from = 0; from < paths.size(); from += READ_BLOCK) {
            List<Op> ops = new ArrayList<>();
            for (String path : paths.subList(from, Math.min(paths.size(), from + READ_BLOCK))) {
                ops.add(Op.getData(path));
            }
            blocks.add(multi(ops).thenApply(ZooKeeperCalls::nodes));
        }
        CompletionStage<List<Node>> all = CompletableFuture.completedFuture(new ArrayList<>(paths.size()));
        for (CompletionStage<List<Node>> block : blocks) {
            all = all.thenCombine(block, (sum, next) -> {
                sum.addAll(next);
                return sum;
            });
        }
        return all;
    }

    private static List<Node> nodes(MultiAnswer answer) {
        List<Node> nodes = new ArrayList<>();
        if (answer.results() == null) {
            throw new CoordinationException("ZooKeeper refused to read many nodes at once: " + answer.code());
        }
        for (OpResult result : answer.results()) {
            if (result instanceof OpResult.GetDataResult read) {
                nodes.add(new Node(read.getData(), read.getStat()));
            } else if (result instanceof OpResult.ErrorResult error && error.getErr() == Code.NONODE.intValue()) {
                nodes.add(new Node(null, null));
            } else {
                throw new CoordinationException(
                        "the ZooKeeper server cannot read several nodes at once: version 3.6 or later is needed");
            }
        }
        return nodes;
    }

    private interface Call<T> {
        void start(BiConsumer<Code, T> answer) throws Exception;
    }

    private <T> CompletionStage<T> call(Set<Code> answers, Call<T> call) {
        CompletableFuture<T> future = new CompletableFuture<>();
        attempt(answers, call, future);
        return future;
    }

    private <T> void attempt(Set<Code> answers, Call<T> call, CompletableFuture<T> future) {
        if (closed) {
            future.completeExceptionally(new CoordinationException("the connection to ZooKeeper is closed"));
            return;
        }
        try {
            call.start((code, value) -> {
                if (TRY_AGAIN.contains(code)) {
                    again(answers, call, future);
                } else if (answers.contains(code)) {
                    future.complete(value);
                } else {
                    future.completeExceptionally(new CoordinationException("ZooKeeper refuses: " + code));
                }
            });
        } catch (Exception noConnection) {
            again(answers, call, future);
        }
    }

    private <T> void again(Set<Code> answers, Call<T> call, CompletableFuture<T> future) {
        untilConnected.add(() -> attempt(answers, call, future));
        if (closed || link.isConnected()) {
            runWaiting();
        }
    }
}
