package io.barnabas.coordination.zookeeper;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;

/** Tells of the first change, or of the end of the session; a mere disconnect leaves the watch armed. */
final class OneShot implements Watcher {
    private final Runnable onChange;
    private final AtomicBoolean told = new AtomicBoolean();

    private OneShot(Runnable onChange) {
        this.onChange = onChange;
    }

    static OneShot of(Runnable onChange) {
        return new OneShot(onChange);
    }

    @Override
    public void process(WatchedEvent event) {
        boolean ended = event.getState() == Event.KeeperState.Expired;
        if ((event.getType() != Event.EventType.None || ended) && told.compareAndSet(false, true)) {
            onChange.run();
        }
    }
}
