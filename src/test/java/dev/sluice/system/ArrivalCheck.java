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
import java.util.stream.Stream;

/**
 * Decides over what the sender was answered and what a target saw whether the promise was kept.
 *
 * @param sent every 2xx
 * @param arrivals every request at the target
 */
public record ArrivalCheck(List<Sent> sent, List<Arrival> arrivals) {

    /** What must hold whatever happened: nothing lost, first arrivals in order, sequences right, signatures right. */
    public List<String> violations() {
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

    /**
     * What must hold as well while no gateway is stopped: one at a time, none before its predecessor's 2xx, and no older one after
     * a newer one was sent.
     */
    public List<Hit> hits() {
        List<Hit> hits = new ArrayList<>();
        for (List<Arrival> lane : lanes().values()) {
            oneAtATime(lane, hits);
            oneAfterTheOther(lane, hits);
        }
        return hits;
    }

    /** Of these what no stopped process explains. */
    public List<Hit> hits(List<Stop> stops) {
        return hits().stream()
                .filter(hit -> stops.stream().noneMatch(stop -> stop.explains(hit)))
                .toList();
    }

    /** Events that the target took more than once. */
    public List<String> doubles() {
        return arrivals.stream()
                .filter(arrival -> arrival.status() == 200)
                .collect(Collectors.groupingBy(Arrival::message, Collectors.counting()))
                .entrySet()
                .stream()
                .filter(entry -> entry.getValue() > 1)
                .map(entry -> entry.getValue() + " times: " + entry.getKey())
                .toList();
    }

    /** Everything that is wrong where no process was stopped or killed: violations, hits and doubles. */
    public List<String> faults() {
        return Stream.of(violations(), hits(), doubles())
                .flatMap(List::stream)
                .map(Object::toString)
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
            if (answered != null && !answered.id().equals(arrival.id())) {
                violations.add("delivered under another id: " + arrival + ", answered " + answered);
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

    private static void oneAtATime(List<Arrival> lane, List<Hit> hits) {
        Arrival last = null;
        for (Arrival arrival : lane) {
            if (last != null && arrival.began() < last.ended()) {
                hits.add(new Hit("two in flight", last, arrival));
            }
            last = last == null || last.ended() < arrival.ended() ? arrival : last;
        }
    }

    private static void oneAfterTheOther(List<Arrival> lane, List<Hit> hits) {
        int taken = -1;
        Arrival newest = null;
        for (Arrival arrival : lane) {
            int number = arrival.message().number();
            if (newest != null && number < newest.message().number()) {
                hits.add(new Hit("an older one after a newer one", newest, arrival));
            } else if (newest != null && number > taken + 1) {
                hits.add(new Hit("before its predecessor's 2xx", newest, arrival));
            }
            if (arrival.status() == 200) {
                taken = Math.max(taken, number);
            }
            newest = newest == null || number > newest.message().number() ? arrival : newest;
        }
    }
}
