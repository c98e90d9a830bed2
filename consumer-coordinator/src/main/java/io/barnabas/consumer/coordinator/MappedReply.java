package io.barnabas.consumer.coordinator;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * Passes the first word on, in the words of a coordinator, and no second one: a machine that breaks in the middle of a command may refuse it
 * once as the command and once as one who waits in it.
 */
final class MappedReply<A> implements Reply<A> {
    private final Reply<A> to;
    private final UnaryOperator<Refusal> mapping;
    private final BooleanSupplier mayAnswer;
    private final AtomicBoolean told = new AtomicBoolean();

    MappedReply(Reply<A> to, UnaryOperator<Refusal> mapping) {
        this(to, mapping, () -> true);
    }

    /** @param mayAnswer false while others may coordinate the group by now: what is known here may be old then (FFD-08) */
    MappedReply(Reply<A> to, UnaryOperator<Refusal> mapping, BooleanSupplier mayAnswer) {
        this.to = to;
        this.mapping = mapping;
        this.mayAnswer = mayAnswer;
    }

    @Override
    public void answer(A answer) {
        if (!told.compareAndSet(false, true)) {
            return;
        }
        if (mayAnswer.getAsBoolean()) {
            to.answer(answer);
        } else {
            to.refuse(Refusal.of(Refusal.Reason.NOT_COORDINATOR));
        }
    }

    @Override
    public void refuse(Refusal refusal) {
        if (told.compareAndSet(false, true)) {
            to.refuse(mapping.apply(refusal));
        }
    }
}
