package io.barnabas.coordination.store;

import io.barnabas.coordination.control.ProducerIdBlock;
import io.barnabas.model.BrokerId;
import java.util.concurrent.CompletionStage;

/** Hands out producer ids, none of them twice. */
public interface ProducerIdStore {
    /** Ids in a block. */
    int BLOCK_SIZE = 1000;

    /** @return the block that comes after all others; null if the term has ended */
    CompletionStage<ProducerIdBlock> nextBlock(Term term, BrokerId broker);
}
