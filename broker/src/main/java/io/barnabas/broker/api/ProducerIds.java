package io.barnabas.broker.api;

import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out producer ids from the blocks that the controller allocates to this broker. The next block is asked for when
 * nine tenths of the current one are used (CTRL-34). Thread-safe; never waits.
 */
public final class ProducerIds {
    /** No id at hand: the first block, or the next, is on its way. */
    static final long NOT_YET = -1;

    private static final Logger LOG = LoggerFactory.getLogger(ProducerIds.class);

    private final Supplier<CompletionStage<Block>> allocation;
    private Block current;
    private long nextId;
    private Block following;
    private boolean asking;

    /**
     * Ids that belong to this broker alone.
     *
     * @param first the first of them
     * @param count how many, at least 1
     */
    public record Block(long first, int count) {
        public Block {
            if (first < 0 || count < 1) {
                throw new IllegalArgumentException("block of " + count + " producer ids from " + first);
            }
        }
    }

    /** @param allocation asks the controller for a block; a stage that fails is asked again when an id is wanted */
    public ProducerIds(Supplier<CompletionStage<Block>> allocation) {
        this.allocation = allocation;
    }

    /** Asks for the first block ahead of need. */
    public void prefetch() {
        boolean ask;
        synchronized (this) {
            ask = wantsBlock();
        }
        if (ask) {
            ask();
        }
    }

    /** @return an id nobody else gets, or {@link #NOT_YET} */
    long next() {
        long id;
        boolean ask;
        synchronized (this) {
            if (current == null || nextId >= current.first() + current.count()) {
                current = following;
                following = null;
                nextId = current == null ? 0 : current.first();
            }
            id = current == null ? NOT_YET : nextId++;
            ask = wantsBlock();
        }
        if (ask) {
            ask();
        }
        return id;
    }

    /** Holding the monitor; true once until the answer has come. */
    private boolean wantsBlock() {
        boolean low = current == null || nextId - current.first() >= current.count() * 9L / 10;
        if (asking || following != null || !low) {
            return false;
        }
        asking = true;
        return true;
    }

    private void ask() {
        CompletionStage<Block> asked;
        try {
            asked = allocation.get();
        } catch (RuntimeException e) {
            onAnswer(null, e);
            return;
        }
        asked.whenComplete(this::onAnswer);
    }

    private synchronized void onAnswer(Block block, Throwable failure) {
        asking = false;
        if (failure != null) {
            LOG.atWarn().setCause(failure).log("no block of producer ids could be had");
            return;
        }
        following = block;
    }
}
