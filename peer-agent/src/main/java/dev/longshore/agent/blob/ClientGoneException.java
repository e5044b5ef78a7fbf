package dev.longshore.agent.blob;

import java.io.IOException;

/** The client closed its connection before it had everything; nobody is left to tell. */
public final class ClientGoneException extends IOException {
  ClientGoneException(Throwable cause) {
    super("the client went away", cause);
  }
}
