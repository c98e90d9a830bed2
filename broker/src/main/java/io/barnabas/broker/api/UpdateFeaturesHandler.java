package io.barnabas.broker.api;

import io.barnabas.coordination.ControllerClient;
import io.barnabas.coordination.control.FeatureChange;
import io.barnabas.coordination.control.FeatureResult;
import io.barnabas.model.Refusal;
import io.barnabas.model.Refusal.Reason;
import io.barnabas.protocol.ErrorCode;
import io.barnabas.protocol.message.UpdateFeaturesRequestData;
import io.barnabas.protocol.message.UpdateFeaturesResponseData;
import io.barnabas.protocol.message.UpdateFeaturesResponseData.UpdatableFeatureResult;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Switches features on and off (KIP-584): all updates of a request, or none. What a lower level could not read is taken back first, and while
 * that is not possible the level stays.
 */
public final class UpdateFeaturesHandler implements RequestHandler<UpdateFeaturesRequestData> {
    private static final int FIRST_VERSION_WITH_KINDS = 1;
    private static final int FIRST_VERSION_WITHOUT_RESULTS = 2;

    private final ControllerClient controller;
    private final FeatureDowngrade downgrade;

    public UpdateFeaturesHandler(ControllerClient controller, FeatureDowngrade downgrade) {
        this.controller = controller;
        this.downgrade = downgrade;
    }

    @Override
    public void handle(RequestContext context, UpdateFeaturesRequestData request, Reply reply) {
        List<FeatureChange> changes = new ArrayList<>();
        for (UpdateFeaturesRequestData.FeatureUpdateKey update : request.featureUpdates) {
            FeatureChange.Kind kind = context.apiVersion() < FIRST_VERSION_WITH_KINDS
                    ? (update.allowDowngrade ? FeatureChange.Kind.SAFE_DOWNGRADE : FeatureChange.Kind.UPGRADE)
                    : kind(update.upgradeType);
            if (kind == null) {
                refuse(context, reply, "Unknown upgrade type " + update.upgradeType + ".");
                return;
            }
            changes.add(new FeatureChange(update.feature, update.maxVersionLevel, kind));
        }
        if (changes.isEmpty()) {
            refuse(context, reply, "No feature is named.");
            return;
        }
        boolean validateOnly = context.apiVersion() >= FIRST_VERSION_WITH_KINDS && request.validateOnly;
        update(controller.onBehalfOf(context.caller()), changes, validateOnly, request.timeoutMs)
                .whenComplete((results, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        throw new IllegalStateException("the controller's answer cannot be told", failure);
                    }
                    reply.send(response(context, results));
                }));
    }

    private static FeatureChange.Kind kind(byte upgradeType) {
        return switch (upgradeType) {
            case 1 -> FeatureChange.Kind.UPGRADE;
            case 2 -> FeatureChange.Kind.SAFE_DOWNGRADE;
            case 3 -> FeatureChange.Kind.UNSAFE_DOWNGRADE;
            default -> null;
        };
    }

    /**
     * The controller judges first, so that nothing is taken back for a request that makes no sense. A downgrade to the level that the feature
     * has already takes back what is left all the same.
     */
    private CompletionStage<List<FeatureResult>> update(
            ControllerClient client, List<FeatureChange> changes, boolean validateOnly, int timeoutMs) {
        return client.updateFeatures(changes, true, timeoutMs).thenCompose(judged -> {
            if (validateOnly || judged.stream().anyMatch(result -> result.refusal() != null)) {
                return CompletableFuture.completedFuture(judged);
            }
            List<FeatureChange> begun = new ArrayList<>();
            return prepare(changes, begun)
                    .thenCompose(refusal -> refusal == null
                            ? client.updateFeatures(changes, false, timeoutMs)
                            : CompletableFuture.completedFuture(refused(changes, refusal)))
                    .whenComplete((results, failure) -> {
                        boolean stored =
                                failure == null && results.stream().allMatch(result -> result.refusal() == null);
                        begun.forEach(change -> downgrade.end(change.feature(), change.level(), stored));
                    });
        });
    }

    /** One after another, until one is refused. */
    private CompletionStage<Refusal> prepare(List<FeatureChange> changes, List<FeatureChange> begun) {
        CompletionStage<Refusal> prepared = CompletableFuture.completedFuture(null);
        for (FeatureChange change : changes) {
            if (change.kind() != FeatureChange.Kind.UPGRADE) {
                prepared = prepared.thenCompose(refusal -> {
                    if (refusal != null) {
                        return CompletableFuture.completedFuture(refusal);
                    }
                    begun.add(change);
                    return downgrade.prepare(change.feature(), change.level());
                });
            }
        }
        return prepared;
    }

    private static List<FeatureResult> refused(List<FeatureChange> changes, Refusal why) {
        Refusal refusal = new Refusal(Reason.FEATURE_UPDATE_FAILED, why.message());
        return changes.stream()
                .map(change -> new FeatureResult(change.feature(), refusal))
                .toList();
    }

    /** From version 2 on there is one error for all, because all or none are done. */
    private static UpdateFeaturesResponseData response(RequestContext context, List<FeatureResult> results) {
        UpdateFeaturesResponseData response = new UpdateFeaturesResponseData();
        for (FeatureResult result : results) {
            Refusal refusal = result.refusal();
            if (refusal != null && refusal.reason() == Reason.NOT_CONTROLLER) {
                response.errorCode = WireErrors.codeOf(refusal);
                response.errorMessage = refusal.message();
                response.results.clear();
                return response;
            }
            if (context.apiVersion() >= FIRST_VERSION_WITHOUT_RESULTS) {
                // the first that has a reason of its own
                if (refusal != null
                        && (response.errorCode == 0 || response.errorCode == ErrorCode.FEATURE_UPDATE_FAILED.code())) {
                    response.errorCode = WireErrors.codeOf(refusal);
                    response.errorMessage = refusal.message();
                }
                continue;
            }
            UpdatableFeatureResult line = new UpdatableFeatureResult();
            line.feature = result.feature();
            line.errorCode = refusal == null ? 0 : WireErrors.codeOf(refusal);
            line.errorMessage = refusal == null ? null : refusal.message();
            response.results.add(line);
        }
        return response;
    }

    private static void refuse(RequestContext context, Reply reply, String message) {
        UpdateFeaturesResponseData response = new UpdateFeaturesResponseData();
        response.errorCode = ErrorCode.INVALID_REQUEST.code();
        response.errorMessage = message;
        reply.send(response);
    }
}
