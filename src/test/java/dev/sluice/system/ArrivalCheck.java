package dev.sluice.system;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides over what the sender was answered and what a target saw whether the promise was kept.
 *
 * @param sent every 2xx
 * @param arrivals every request at the target
 */
record ArrivalCheck(List<Sent> sent, List<Arrival> arrivals) {

    /** What must hold whatever happened: nothing lost, first arrivals in order, sequences right, signatures right. */
    List<String> violations() {
        List<String> violations = new ArrayList<>();
        lost(violations);
        sequences(violations);
        for (List<Arrival> lane : lanes().values()) {
            firstArrivalsInOrder(lane, violations);
        }
        arrivals.stream()
                .filter(arrival -> !arrival.signed())
                .forEach(arrival -> violations.add("wrong signature: " + arrival));
        return violations;
    }

    /** What must hold as well while no gateway is killed or stopped: one at a time, and none before its predecessor's 2xx. */
    List<String> overlaps() {
        List<String> violations = new ArrayList<>();
        for (List<Arrival> lane : lanes().values()) {
            oneAtATime(lane, violations);
            noneBeforeItsPredecessorsSuccess(lane, violations);
        }
        return violations;
    }

    /** Events that the target took more than once. */
    List<String> doubles() {
        return arrivals.stream()
                .filter(arrival -> arrival.status() == 200)
                .collect(Collectors.groupingBy(Arrival::message, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue() > 1)
                .map(entry -> entry.getValue() + " times: " + entry.getKey())
                .toList();
    }

    private Map<String, List<Arrival>> lanes() {
        return arrivals.stream()
                .sorted(Comparator.comparingLong(Arrival::began))
                .collect(Collectors.groupingBy(
                        arrival -> arrival.message().entity(), TreeMap::new, Collectors.toList()));
    }

    private void lost(List<String> violations) {
        Set<Message> taken = arrivals.stream()
                .filter(arrival -> arrival.status() == 200)
                .map(Arrival::message)
                .collect(Collectors.toSet());
        sent.stream()
                .map(Sent::message)
                .distinct()
                .filter(message -> !taken.contains(message))
                .forEach(message -> violations.add("lost: " + message));
    }

    private void sequences(List<String> violations) {
        Map<Message, Sent> first = new HashMap<>();
        Set<Message> accepted = new HashSet<>();
        for (Sent each : sent) {
            Sent other = first.putIfAbsent(each.message(), each);
            if (other != null && (!other.id().equals(each.id()) || other.sequence() != each.sequence())) {
                violations.add("answered differently: " + other + " and " + each);
            }
            if (each.status().equals("accepted") && !accepted.add(each.message())) {
                violations.add("accepted twice: " + each);
            }
        }
        for (Sent each : first.values()) {
            Sent next = first.get(
                    new Message(each.message().entity(), each.message().number() + 1));
            if (next != null && next.sequence() != each.sequence() + 1) {
                violations.add("a gap or a fall between " + each + " and " + next);
            }
        }
        for (Arrival arrival : arrivals) {
            Sent answered = first.get(arrival.message());
            if (answered != null && answered.sequence() != arrival.sequence()) {
                violations.add("delivered under another sequence: " + arrival + ", answered " + answered);
            }
        }
    }

    private static void firstArrivalsInOrder(List<Arrival> lane, List<String> violations) {
        int highest = -1;
        for (Arrival arrival : lane) {
            if (arrival.message().number() > highest + 1) {
                violations.add("overtaken: " + arrival + " after number " + highest);
            }
            highest = Math.max(highest, arrival.message().number());
        }
    }

    private static void oneAtATime(List<Arrival> lane, List<String> violations) {
        for (int i = 1; i < lane.size(); i++) {
            if (lane.get(i).began() < lane.get(i - 1).ended()) {
                violations.add("two in flight: " + lane.get(i - 1) + " and " + lane.get(i));
            }
        }
    }

    private static void noneBeforeItsPredecessorsSuccess(List<Arrival> lane, List<String> violations) {
        int taken = -1;
        for (Arrival arrival : lane) {
            if (arrival.message().number() > taken + 1) {
                violations.add("before its predecessor's 2xx: " + arrival);
            }
            if (arrival.message().number() <= taken) {
                violations.add("after a newer one was taken: " + arrival);
            }
            if (arrival.status() == 200) {
                taken = Math.max(taken, arrival.message().number());
            }
        }
    }
}
