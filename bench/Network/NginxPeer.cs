namespace RedLeafSharp.Bench.Network;

/// <summary>nginx with one process in a namespace, serving the same files from memory.</summary>
internal sealed class NginxPeer : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("redleaf-nginx-").FullName;

    internal NginxPeer(LinuxNamespace space)
    {
        // Its process is not root: the files are for everybody.
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
        File.WriteAllText(Path.Combine(folder, "small"), Numbers(1 << 10));
        File.WriteAllText(Path.Combine(folder, "large"), Numbers(1 << 20));
        string configuration = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes 1;
            pid {{folder}}/pid;
            error_log {{folder}}/error.log;
            events { worker_connections 256; }
            http {
              access_log off;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 100000000;
              open_file_cache max=16;
              server { listen 80; root {{folder}}; }
            }
            """);
        space.Serve("nginx", "-c", configuration);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private static string Numbers(int lengthBytes) => string.Concat(Enumerable.Range(1, lengthBytes).Select(number => $"{number}\n"))[..lengthBytes];
}
