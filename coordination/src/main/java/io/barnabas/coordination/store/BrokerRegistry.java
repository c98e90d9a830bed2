package io.barnabas.coordination.store;

import io.barnabas.coordination.control.BrokerInfo;
import io.barnabas.model.BrokerId;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Which brokers are there. A registration lives as long as the session of the broker that made it. */
public interface BrokerRegistry {
    /**
     * Registers this broker, and again with a new epoch after every loss of the session, until {@link #unregister()}.
     * If the id is taken, waits for up to a session timeout; then the stage fails.
     *
     * @param listener told of every loss and every registration, this first one included
     * @return the broker epoch of this registration
     */
    CompletionStage<Long> register(BrokerRegistration registration, RegistrationListener listener);

    /** Ends the registration at once. */
    CompletionStage<Void> unregister();

    /**
     * All brokers that are registered now, by id.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<List<BrokerInfo>> liveBrokers(Runnable onChange);

    /**
     * Notes that all has been done that follows from how this broker stopped before (REPL-27): it is not read again.
     * {@code Conflict} if that registration has ended.
     */
    CompletionStage<WriteResult> startHandled(Term term, BrokerId broker, long brokerEpoch);

    /** Called on any thread; must not block. */
    interface RegistrationListener {
        /** @param brokerEpoch grows with every registration */
        void onRegistered(long brokerEpoch);

        /** The session has ended, and the registration with it: behave as fenced until registered again (CTRL-06). */
        void onLost();

        /** The id belongs to another live broker now: this one has to stop. */
        void onRefused(String sentence);
    }
}
