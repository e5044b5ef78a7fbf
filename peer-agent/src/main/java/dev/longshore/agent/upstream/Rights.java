package dev.longshore.agent.upstream;

import dev.longshore.swarm.SourceRef;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns from the upstream's answers who may pull what, and remembers what anonymous may pull. */
final class Rights {
  private static final Logger log = LoggerFactory.getLogger(Rights.class);

  /** A question to the upstream, with the caller's credentials. */
  @FunctionalInterface
  interface Question<T> {
    T ask() throws IOException;
  }

  private final ManifestFolder folder;
  private final PullGrants grants;
  private final Set<SourceRef> markedPublic = ConcurrentHashMap.newKeySet();

  Rights(ManifestFolder folder, PullGrants grants) {
    this.folder = folder;
    this.grants = grants;
  }

  /** Whether the upstream accepted this caller a short while ago. */
  boolean fresh(Caller caller) {
    return grants.fresh(caller);
  }

  /** Asks, and learns from the answer. */
  <T> T ask(Caller caller, Question<T> question) throws IOException {
    try {
      T answer = question.ask();
      accepted(caller);
      return answer;
    } catch (IOException e) {
      if (Failures.isDenied(e)) {
        refused(caller);
      }
      throw e;
    }
  }

  /** Whether what this caller asked for may be answered without the upstream after this failure. */
  boolean whileUnreachable(Caller caller, IOException failure) {
    return Failures.isUnreachable(failure)
        && (grants.whileUnreachable(caller) || folder.isPublic(caller.source()));
  }

  private void accepted(Caller caller) {
    grants.accept(caller);
    if (caller.anonymous() && markedPublic.add(caller.source())) {
      mark(caller.source(), true);
    }
  }

  private void refused(Caller caller) {
    grants.revoke(caller);
    if (caller.anonymous()) {
      markedPublic.remove(caller.source());
      mark(caller.source(), false);
    }
  }

  private void mark(SourceRef source, boolean isPublic) {
    try {
      folder.markPublic(source, isPublic);
    } catch (IOException e) {
      log.warn("cannot remember whether {} is public: {}", source, e.getMessage());
    }
  }
}
