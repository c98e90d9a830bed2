package io.barnabas.coordination;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Follows something in the store whose watches fire once: reads and arms in one go, hands over whole pictures, never two reads
 * at once. A change that is heard of while a read is under way is read afterwards, so neither is it lost nor does an old picture
 * come after a new one; a thousand changes meanwhile cost one more read (CTRL-15). Used on the controller's loop.
 */
final class Rereading<T> {
    private final Function<Runnable, CompletionStage<T>> read;
    private final Follower follower;
    private final Consumer<T> onRead;

    /** Also until {@link #follow}: what is heard before is read then. */
    private boolean reading = true;

    private boolean changed;

    /** @param read starts a read; what it is given is called at the first change after, on any thread */
    Rereading(Function<Runnable, CompletionStage<T>> read, Follower follower, Consumer<T> onRead) {
        this.read = read;
        this.follower = follower;
        this.onRead = onRead;
    }

    /** Where answers and changes come back to the loop, and what is done when a read fails. */
    interface Follower {
        void onLoop(Runnable task);

        <T> void then(CompletionStage<T> stage, Consumer<T> next);
    }

    /** Reads now; the stage is that very read. Nothing is handed over before {@link #follow}. */
    CompletionStage<T> first() {
        return read.apply(this::heard);
    }

    /** What was read first has been digested: from now on changes are handed over, those meanwhile at once. */
    void follow() {
        reading = false;
        if (changed) {
            onChange();
        }
    }

    private void heard() {
        follower.onLoop(this::onChange);
    }

    private void onChange() {
        if (reading) {
            changed = true;
            return;
        }
        reading = true;
        changed = false;
        follower.then(read.apply(this::heard), value -> {
            onRead.accept(value);
            follow();
        });
    }
}
