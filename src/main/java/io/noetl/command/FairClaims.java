package io.noetl.command;

import io.noetl.command.CommandQueue.ClaimRequest;
import io.noetl.command.WaitingCommands.Asked;
import io.noetl.command.WaitingCommands.Turn;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Claims in turn between tenants. In a pool that one tenant uses, a claim gets the command that it
 * names, in one statement. In a shared one the name is only a wake-up: the claim gets the oldest
 * command of the tenant whose turn it is, and whoever comes with the hint of that one gets another
 * in exchange.
 */
final class FairClaims {
  private final CommandQueue commands;
  private final FairShare shares;

  FairClaims(CommandQueue commands, FairShare shares) {
    this.commands = commands;
    this.shares = shares;
  }

  /** As {@link CommandQueue#claim}; no command may be named twice. */
  List<Claim> claim(List<ClaimRequest> requests) throws SQLException {
    shares.look();
    Map<ClaimRequest, Claim> answers = new HashMap<>();
    List<ClaimRequest> named = new ArrayList<>();
    List<ClaimRequest> woken = new ArrayList<>();
    for (ClaimRequest request : requests) {
      String pool = request.pool();
      if (pool != null && shares.shared(pool)) {
        woken.add(request);
      } else {
        named.add(request);
      }
    }
    Map<String, List<Turn>> turns = woken.isEmpty() ? Map.of() : turns(woken, named);
    claimNamed(named, answers);
    for (Map.Entry<String, List<Turn>> pool : turns.entrySet()) {
      swap(pool.getKey(), pool.getValue(), answers);
    }
    return requests.stream().map(request -> Objects.requireNonNull(answers.get(request))).toList();
  }

  /** A worker that wants another command, and has that one, gets nothing here. */
  private void claimNamed(List<ClaimRequest> named, Map<ClaimRequest, Claim> answers)
      throws SQLException {
    List<ClaimRequest> claimable = new ArrayList<>(named.size());
    for (ClaimRequest request : named) {
      if (request.other()) {
        answers.put(request, new Claim.LeaseActive(request.workerId(), Instant.EPOCH, null));
      } else {
        claimable.add(request);
      }
    }
    if (claimable.isEmpty()) {
      return;
    }
    List<Claim> claims = commands.claim(claimable);
    for (int i = 0; i < claimable.size(); i++) {
      answers.put(claimable.get(i), claims.get(i));
    }
  }

  /**
   * Whose turn it is, by pool.
   *
   * @param named gets those that are to have the very command that they name
   */
  private Map<String, List<Turn>> turns(List<ClaimRequest> woken, List<ClaimRequest> named)
      throws SQLException {
    Map<Long, Asked> asked = commands.waitingCommands().asked(woken);
    Map<String, List<Turn>> turns = new LinkedHashMap<>();
    for (ClaimRequest request : woken) {
      Asked row = asked.get(request.commandId());
      if (row != null && !row.fresh()) {
        // It has a time of its own, and nobody else would come for it.
        named.add(request);
        continue;
      }
      String pool = Objects.requireNonNull(request.pool());
      String own = row == null ? null : row.tenantId();
      String tenant = shares.turn(pool, own);
      if (tenant == null || tenant.equals(own)) {
        named.add(request);
      } else {
        turns.computeIfAbsent(pool, _ -> new ArrayList<>()).add(new Turn(request, tenant));
      }
    }
    return turns;
  }

  private void swap(String pool, List<Turn> turns, Map<ClaimRequest, Claim> answers)
      throws SQLException {
    Map<Integer, Claim.Granted> granted = commands.waitingCommands().claim(pool, turns);
    Map<String, Integer> missing = new HashMap<>();
    List<ClaimRequest> rest = new ArrayList<>();
    for (int i = 0; i < turns.size(); i++) {
      Claim.Granted got = granted.get(i);
      ClaimRequest request = turns.get(i).request();
      if (got != null) {
        answers.put(request, got);
      } else {
        missing.merge(turns.get(i).tenantId(), 1, Integer::sum);
        rest.add(request);
      }
    }
    shares.metrics().swapped(turns.size() - rest.size());
    missing.forEach((tenant, count) -> shares.gone(pool, tenant, count));
    if (!rest.isEmpty()) {
      again(rest, answers);
    }
  }

  /** Those of a tenant that had no more: the turn of the next, or what they name. */
  private void again(List<ClaimRequest> rest, Map<ClaimRequest, Claim> answers)
      throws SQLException {
    List<ClaimRequest> named = new ArrayList<>();
    // Each tenant that comes short is gone until the next look, so this ends.
    Map<String, List<Turn>> turns = turns(rest, named);
    claimNamed(named, answers);
    for (Map.Entry<String, List<Turn>> pool : turns.entrySet()) {
      swap(pool.getKey(), pool.getValue(), answers);
    }
  }
}
