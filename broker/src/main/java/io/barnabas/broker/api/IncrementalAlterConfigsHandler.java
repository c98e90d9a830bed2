package io.barnabas.broker.api;

import io.barnabas.broker.api.ConfigAlteration.Answer;
import io.barnabas.broker.api.ConfigAlteration.Asked;
import io.barnabas.coordination.control.ConfigChange;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import io.barnabas.protocol.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponseData;
import io.barnabas.protocol.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import java.util.ArrayList;
import java.util.List;

/** Changes single keys and leaves the others as they are (KIP-339). */
public final class IncrementalAlterConfigsHandler implements RequestHandler<IncrementalAlterConfigsRequestData> {
    private final ConfigAlteration alteration;

    public IncrementalAlterConfigsHandler(ConfigAlteration alteration) {
        this.alteration = alteration;
    }

    @Override
    public void handle(RequestContext context, IncrementalAlterConfigsRequestData request, Reply reply) {
        List<Answer> wrong = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        for (AlterConfigsResource resource : request.resources) {
            List<ConfigChange.Op> ops = new ArrayList<>();
            Answer unknownOperation = null;
            for (AlterableConfig config : resource.configs) {
                ConfigChange.Kind kind = kind(config.configOperation);
                if (kind == null) {
                    unknownOperation =
                            Answer.invalid("Unknown operation " + config.configOperation + " for " + config.name);
                } else {
                    ops.add(new ConfigChange.Op(config.name, kind, config.value));
                }
            }
            wrong.add(unknownOperation);
            if (unknownOperation == null) {
                asked.add(new Asked(resource.resourceType, resource.resourceName, ops, false));
            }
        }
        alteration
                .alter(context.caller(), asked, request.validateOnly)
                .whenComplete((answers, failure) -> ApiDispatcher.attempt(context, request, reply, () -> {
                    if (failure != null) {
                        throw new IllegalStateException("the controller's answer cannot be told", failure);
                    }
                    IncrementalAlterConfigsResponseData response = new IncrementalAlterConfigsResponseData();
                    int next = 0;
                    for (int i = 0; i < request.resources.size(); i++) {
                        Answer answer = wrong.get(i) != null ? wrong.get(i) : answers.get(next++);
                        AlterConfigsResourceResponse line = new AlterConfigsResourceResponse();
                        line.resourceType = request.resources.get(i).resourceType;
                        line.resourceName = request.resources.get(i).resourceName;
                        line.errorCode = answer.error().code();
                        line.errorMessage = answer.message();
                        response.responses.add(line);
                    }
                    reply.send(response);
                }));
    }

    private static ConfigChange.Kind kind(byte operation) {
        return switch (operation) {
            case 0 -> ConfigChange.Kind.SET;
            case 1 -> ConfigChange.Kind.DELETE;
            case 2 -> ConfigChange.Kind.APPEND;
            case 3 -> ConfigChange.Kind.SUBTRACT;
            default -> null;
        };
    }
}
