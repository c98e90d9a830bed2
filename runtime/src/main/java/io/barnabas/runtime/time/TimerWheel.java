package io.barnabas.runtime.time;

import java.util.ArrayList;
import java.util.List;

/**
 * Many deadlines, most of which are cancelled before they come: adding and cancelling cost the same however many wait.
 * A deadline fires up to one tick late, never early. Any thread may schedule and cancel; one thread at a time advances,
 * and due work runs on it, outside the wheel's lock.
 */
public final class TimerWheel {
    private final long tickNanos;
    private final Entry[] slots;
    private final int mask;
    private final long originNanos;
    private final Object lock = new Object();

    /** Number of the first tick that has not been emptied yet. */
    private long nextTick;

    private int waiting;

    /**
     * @param nowNanos   the monotonic time at which the wheel begins
     * @param tickMillis how exact it is
     * @param slotCount  a power of two; deadlines farther than {@code slotCount} ticks share slots and wait for another round
     */
    public TimerWheel(long nowNanos, long tickMillis, int slotCount) {
        if (tickMillis < 1 || Integer.bitCount(slotCount) != 1) {
            throw new IllegalArgumentException("tick " + tickMillis + " ms, " + slotCount + " slots");
        }
        this.tickNanos = tickMillis * 1_000_000L;
        this.slots = new Entry[slotCount];
        this.mask = slotCount - 1;
        this.originNanos = nowNanos;
    }

    /** Runs {@code task} at the first {@link #advanceTo} at or after {@code atNanos}. */
    public Timer schedule(Runnable task, long atNanos) {
        Entry entry = new Entry(this, task);
        synchronized (lock) {
            long sinceOrigin = Math.max(0, atNanos - originNanos);
            entry.tick = Math.max(nextTick, sinceOrigin / tickNanos + (sinceOrigin % tickNanos == 0 ? 0 : 1));
            int slot = (int) (entry.tick & mask);
            entry.next = slots[slot];
            if (entry.next != null) {
                entry.next.previous = entry;
            }
            slots[slot] = entry;
            waiting++;
        }
        return entry;
    }

    /**
     * Runs all that is due by {@code nowNanos}, in order of tick.
     *
     * @return how many tasks ran
     */
    public int advanceTo(long nowNanos) {
        List<Entry> due = new ArrayList<>();
        synchronized (lock) {
            long currentTick = Math.floorDiv(nowNanos - originNanos, tickNanos);
            long first = nextTick;
            long last = Math.min(currentTick, first + mask);
            for (long tick = first; tick <= last; tick++) {
                for (Entry entry = slots[(int) (tick & mask)]; entry != null; ) {
                    Entry following = entry.next;
                    if (entry.tick <= currentTick) {
                        unlink(entry);
                        due.add(entry);
                    }
                    entry = following;
                }
            }
            nextTick = Math.max(nextTick, currentTick + 1);
        }
        due.sort((a, b) -> Long.compare(a.tick, b.tick));
        for (Entry entry : due) {
            entry.task.run();
        }
        return due.size();
    }

    /** Deadlines that neither fired nor were cancelled. */
    public int size() {
        synchronized (lock) {
            return waiting;
        }
    }

    private void unlink(Entry entry) {
        int slot = (int) (entry.tick & mask);
        if (entry.previous == null) {
            slots[slot] = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next != null) {
            entry.next.previous = entry.previous;
        }
        entry.next = null;
        entry.previous = null;
        entry.gone = true;
        waiting--;
    }

    private static final class Entry implements Timer {
        private final TimerWheel wheel;
        private final Runnable task;
        private long tick;
        private Entry next;
        private Entry previous;
        private boolean gone;

        Entry(TimerWheel wheel, Runnable task) {
            this.wheel = wheel;
            this.task = task;
        }

        @Override
        public boolean cancel() {
            synchronized (wheel.lock) {
                if (gone) {
                    return false;
                }
                wheel.unlink(this);
                return true;
            }
        }
    }
}
