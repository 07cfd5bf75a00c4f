/* SPDX-License-Identifier: GPL-3.0-or-later */
import java.io.*;
import java.net.*;

/** Answers as Elasticsearch does when it is asked who it is. */
public class Search {
	public static void main(String[] words) throws IOException {
		ServerSocket server = new ServerSocket(Integer.parseInt(words[0]));
		String text = "{\"status\":200,\"name\":\"node\",\"cluster_name\":\"elasticsearch\",\"version\":{\"number\":\""
				+ words[1] + "\"},\"tagline\":\"You Know, for Search\"}\n";
		for (;;) {
			try (Socket peer = server.accept()) {
				peer.setSoTimeout(2000);
				peer.getInputStream().read(new byte[4096]);
				peer.getOutputStream().write(("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
						+ text.length() + "\r\nConnection: close\r\n\r\n" + text).getBytes());
			} catch (IOException e) {
			}
		}
	}
}
