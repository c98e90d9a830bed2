package io.barnabas.consumer.coordinator.group;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which of the protocols that members offer a generation uses (GROUP-13). */
final class ProtocolVote {
    private ProtocolVote() {}

    /** Whether there is a protocol that every one of {@code members} offers and that is among {@code offered}. */
    static boolean hasCommon(Collection<ClassicMember> members, List<JoinGroup.Protocol> offered) {
        for (JoinGroup.Protocol protocol : offered) {
            if (allSupport(members, protocol.name())) {
                return true;
            }
        }
        return false;
    }

    /**
     * Among the protocols that all offer, each member votes for the one it likes best; most votes win, and with as many votes the one that the
     * first member likes better.
     *
     * @return null if there is no protocol that all offer
     */
    static String choose(Collection<ClassicMember> members) {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (ClassicMember first : members) {
            for (JoinGroup.Protocol protocol : first.protocols()) {
                if (allSupport(members, protocol.name())) {
                    votes.put(protocol.name(), 0);
                }
            }
            break;
        }
        for (ClassicMember member : members) {
            for (JoinGroup.Protocol protocol : member.protocols()) {
                if (votes.computeIfPresent(protocol.name(), (name, count) -> count + 1) != null) {
                    break;
                }
            }
        }
        String best = null;
        for (Map.Entry<String, Integer> candidate : votes.entrySet()) {
            if (best == null || candidate.getValue() > votes.get(best)) {
                best = candidate.getKey();
            }
        }
        return best;
    }

    private static boolean allSupport(Collection<ClassicMember> members, String protocolName) {
        for (ClassicMember member : members) {
            if (!member.supports(protocolName)) {
                return false;
            }
        }
        return true;
    }
}
