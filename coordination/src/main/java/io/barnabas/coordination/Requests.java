package io.barnabas.coordination;

import io.barnabas.runtime.time.Timer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;

/** Requests that wait for answers, by number; each has one slot or several. Used on the controller's loop. */
final class Requests {
    private final Map<Long, Slots<?>> waiting = new HashMap<>();
    private long lastNumber;

    /**
     * @param unanswered what a slot gets if the term ends first
     * @return the number that answers repeat
     */
    <T> long open(int slots, CompletableFuture<List<T>> answer, IntFunction<T> unanswered) {
        long number = ++lastNumber;
        if (slots == 0) {
            answer.complete(List.of());
        } else {
            waiting.put(number, new Slots<>(slots, answer, unanswered));
        }
        return number;
    }

    void expireWith(long number, Timer timer) {
        Slots<?> slots = waiting.get(number);
        if (slots == null) {
            timer.cancel();
        } else {
            slots.timer = timer;
        }
    }

    void answer(long number, int slot, Object value) {
        Slots<?> slots = waiting.get(number);
        if (slots != null && slots.fill(slot, value)) {
            waiting.remove(number);
        }
    }

    /** Slots without an answer get this one; later answers find nobody. */
    <T> void timeOut(long number, IntFunction<T> late) {
        Slots<?> slots = waiting.remove(number);
        if (slots != null) {
            slots.fillRest(late);
        }
    }

    /** The term is over. */
    void endAll() {
        List<Slots<?>> all = new ArrayList<>(waiting.values());
        waiting.clear();
        for (Slots<?> slots : all) {
            slots.fillRest(slots.unanswered);
        }
    }

    int size() {
        return waiting.size();
    }

    private static final class Slots<T> {
        private final List<T> values;
        private final CompletableFuture<List<T>> answer;
        private final IntFunction<T> unanswered;
        private int missing;
        private Timer timer;

        Slots(int count, CompletableFuture<List<T>> answer, IntFunction<T> unanswered) {
            this.values = new ArrayList<>(Collections.nCopies(count, null));
            this.answer = answer;
            this.unanswered = unanswered;
            this.missing = count;
        }

        /** Whether that was the last. */
        @SuppressWarnings("unchecked") // the machine answers a request with the type that it was asked for
        boolean fill(int slot, Object value) {
            if (values.get(slot) == null) {
                values.set(slot, (T) value);
                missing--;
            }
            if (missing > 0) {
                return false;
            }
            finish();
            return true;
        }

        @SuppressWarnings("unchecked")
        void fillRest(IntFunction<?> filler) {
            for (int slot = 0; slot < values.size(); slot++) {
                if (values.get(slot) == null) {
                    values.set(slot, (T) filler.apply(slot));
                }
            }
            finish();
        }

        private void finish() {
            if (timer != null) {
                timer.cancel();
            }
            answer.complete(List.copyOf(values));
        }
    }
}
