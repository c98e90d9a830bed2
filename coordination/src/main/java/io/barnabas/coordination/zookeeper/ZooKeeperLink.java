package io.barnabas.coordination.zookeeper;

import java.util.List;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.data.Stat;

/**
 * Port: what the adapters of this package need of a client of ZooKeeper. Calls do not block; their answers come on any thread, in order
 * of the calls of one session. A call that cannot be made now either throws or is answered with the code of a lost connection.
 */
public interface ZooKeeperLink {
    /** Of the session that the next call belongs to; 0 while there is none. */
    long sessionId();

    boolean isConnected();

    /** All or nothing. */
    void multi(List<Op> ops, Answer<List<OpResult>> answer) throws Exception;

    /** @param watcher stays armed on an absent node, too */
    void exists(String path, Watcher watcher, Answer<Stat> answer) throws Exception;

    void data(String path, DataAnswer answer) throws Exception;

    /** @param watcher null for none */
    void children(String path, Watcher watcher, Answer<List<String>> answer) throws Exception;

    void sync(Answer<Void> answer) throws Exception;

    /** Runs {@code action} on any thread, {@code millis} from now. */
    void later(long millis, Runnable action);

    /** @param <T> of what is answered, which may be null if the code is not OK */
    @FunctionalInterface
    interface Answer<T> {
        void on(Code code, T value);
    }

    /** A node's bytes, which may be null also if there is one. */
    @FunctionalInterface
    interface DataAnswer {
        void on(Code code, byte[] data, Stat stat);
    }
}
