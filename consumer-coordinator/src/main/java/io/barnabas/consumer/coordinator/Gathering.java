package io.barnabas.consumer.coordinator;

import io.barnabas.model.Refusal;
import io.barnabas.runtime.replicated.Reply;
import java.util.ArrayList;
import java.util.List;

/** Waits for the answers of several shards and gives them as one. A shard that was resigned meanwhile has nothing to say; other refusals are the whole's. */
final class Gathering<A> {
    private final Reply<List<A>> to;
    private final List<A> answers = new ArrayList<>();
    private Refusal refusal;
    private int missing;

    /** @param missing how many answers there will be; the whole is answered when as many {@link #part parts} are, at once if it is 0 */
    Gathering(int missing, Reply<List<A>> to) {
        this.missing = missing;
        this.to = to;
        if (missing == 0) {
            to.answer(List.of());
        }
    }

    /** Where one of them answers. */
    Reply<A> part() {
        return new MappedReply<>(
                new Reply<>() {
                    @Override
                    public void answer(A answer) {
                        take(answer, null);
                    }

                    @Override
                    public void refuse(Refusal why) {
                        take(null, why.reason() == Refusal.Reason.NOT_COORDINATOR ? null : why);
                    }
                },
                GroupRefusals::ofGroup);
    }

    private void take(A answer, Refusal why) {
        synchronized (this) {
            if (answer != null) {
                answers.add(answer);
            }
            refusal = refusal == null ? why : refusal;
            if (--missing > 0) {
                return;
            }
        }
        if (refusal != null) {
            to.refuse(refusal);
        } else {
            to.answer(List.copyOf(answers));
        }
    }
}
