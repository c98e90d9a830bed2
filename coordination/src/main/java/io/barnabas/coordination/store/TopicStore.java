package io.barnabas.coordination.store;

import io.barnabas.model.BrokerId;
import io.barnabas.model.TopicPartition;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** Which topics exist, and which are to be deleted. */
public interface TopicStore {
    /**
     * Names of all topics.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<Set<String>> names(Runnable onChange);

    /** Those of them that exist. */
    CompletionStage<List<StoredTopic>> load(Collection<String> names);

    CompletionStage<List<StoredTopic>> loadAll();

    /**
     * The moment a topic comes into being, with its configuration (CTRL-20). {@code Conflict} if the name exists.
     *
     * @param configs replace what an unfinished creation may have left behind
     */
    CompletionStage<WriteResult> create(Term term, StoredTopic topic, Map<String, String> configs);

    /** The assignment, if the stored version still is the one it carries; {@code Conflict} too if the topic is gone. */
    CompletionStage<WriteResult> store(Term term, StoredTopic topic);

    /**
     * Names of topics to delete.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<Set<String>> deletionMarks(Runnable onChange);

    /** From here on the topic will be deleted, whoever is controller. Marking twice is fine. */
    CompletionStage<WriteResult> markForDeletion(Term term, String topic);

    /** Forgets the mark only. */
    CompletionStage<WriteResult> clearMark(Term term, String topic);

    /**
     * Reassignments that somebody has asked for by writing them into the store, as tools did before there was a request for it.
     * Empty if there are none, or if what is written makes no sense.
     *
     * @param onChange called at most once, at the first change after this read or when the session ends
     */
    CompletionStage<Map<TopicPartition, List<BrokerId>>> writtenReassignments(Runnable onChange);

    /** They are done; whoever wrote them sees that by this. */
    CompletionStage<WriteResult> clearWrittenReassignments(Term term);

    /** Removes partition states, the topic, its configuration and last the mark (CTRL-22); what is gone already is fine. */
    CompletionStage<WriteResult> remove(Term term, String topic);
}
