package io.barnabas.coordination.controller;

import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureLevels;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.coordination.store.FeatureStore.StoredFeatures;
import io.barnabas.coordination.store.WriteResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Feature levels: requests one after another, each as a whole or not at all, each from what is stored. */
final class FeatureBook {
    private StoredFeatures stored = StoredFeatures.NONE;
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    /** Writing or reading because of the first that waits. */
    private boolean busy;

    private Map<String, Short> inFlight;

    private record Waiting(long request, List<FeatureChange> changes) {}

    void load(StoredFeatures loaded) {
        stored = loaded;
    }

    FeatureLevels levels() {
        return new FeatureLevels(stored.levels(), stored.version() + 1L);
    }

    void onUpdate(long request, List<FeatureChange> changes, boolean validateOnly, Turn turn) {
        if (validateOnly) {
            answer(request, changes, refusals(changes), turn);
            return;
        }
        waiting.add(new Waiting(request, changes));
        proceed(turn);
    }

    private void proceed(Turn turn) {
        while (!busy && !waiting.isEmpty()) {
            Waiting first = waiting.peek();
            List<Refusal> refusals = refusals(first.changes);
            Map<String, Short> next = new TreeMap<>(stored.levels());
            for (FeatureChange change : first.changes) {
                if (change.level() == 0) {
                    next.remove(change.feature());
                } else {
                    next.put(change.feature(), change.level());
                }
            }
            if (refusals.stream().anyMatch(refusal -> refusal != null) || next.equals(stored.levels())) {
                waiting.remove();
                answer(first.request, first.changes, refusals, turn);
                continue;
            }
            busy = true;
            inFlight = next;
            turn.works.add(new ControllerEffect.StoreFeatures(next, stored.version()));
        }
    }

    void onWritten(WriteResult result, Turn turn) {
        Map<String, Short> written = inFlight;
        inFlight = null;
        if (result instanceof WriteResult.Stored now) {
            busy = false;
            stored = new StoredFeatures(written, now.version());
            turn.features = levels();
            Waiting done = waiting.remove();
            answer(done.request, done.changes, refusals(done.changes.size()), turn);
            proceed(turn);
        } else {
            turn.works.add(new ControllerEffect.LoadFeatures()); // somebody else was first: from what they made
        }
    }

    void onLoaded(StoredFeatures loaded, Turn turn) {
        busy = false;
        if (!loaded.equals(stored)) {
            stored = loaded;
            turn.features = levels();
        }
        proceed(turn);
    }

    /** One for each change; either all are null or none is. */
    private List<Refusal> refusals(List<FeatureChange> changes) {
        List<Refusal> refusals = new ArrayList<>();
        Set<String> named = new HashSet<>();
        for (FeatureChange change : changes) {
            refusals.add(
                    named.add(change.feature())
                            ? refusal(change)
                            : new Refusal(
                                    Reason.INVALID_REQUEST,
                                    "The feature " + change.feature() + " is named more than once."));
        }
        if (refusals.stream().anyMatch(refusal -> refusal != null)) {
            refusals.replaceAll(refusal -> refusal != null
                    ? refusal
                    : new Refusal(Reason.FEATURE_UPDATE_FAILED, "Not done, because another update was refused."));
        }
        return refusals;
    }

    private static List<Refusal> refusals(int noneOf) {
        List<Refusal> none = new ArrayList<>();
        for (int index = 0; index < noneOf; index++) {
            none.add(null);
        }
        return none;
    }

    private Refusal refusal(FeatureChange change) {
        String what = "Invalid update version " + change.level() + " for feature " + change.feature() + ". ";
        Short highest = FeatureLevels.SUPPORTED.get(change.feature());
        if (change.level() < 0) {
            return invalid(what + "A feature version cannot be less than 0.");
        }
        if (highest == null) {
            return invalid(what + "This cluster does not know the feature.");
        }
        if (change.level() > highest) {
            return invalid(what + "Versions 0 to " + highest + " are supported.");
        }
        short present = levels().of(change.feature());
        if (change.level() < present && change.kind() == FeatureChange.Kind.UPGRADE) {
            return invalid(what + "It is at " + present + "; a lower one has to be asked for as a downgrade.");
        }
        if (change.level() > present && change.kind() != FeatureChange.Kind.UPGRADE) {
            return invalid(what + "It is at " + present + "; this would be no downgrade.");
        }
        return null;
    }

    private static Refusal invalid(String sentence) {
        return new Refusal(Reason.INVALID_UPDATE_VERSION, sentence);
    }

    private static void answer(long request, List<FeatureChange> changes, List<Refusal> refusals, Turn turn) {
        for (int index = 0; index < changes.size(); index++) {
            turn.answers.add(new ControllerEffect.AnswerFeature(
                    request, index, new FeatureResult(changes.get(index).feature(), refusals.get(index))));
        }
    }
}
