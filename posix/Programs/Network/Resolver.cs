using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Posix.Programs.Network;

/// <summary>
/// Names to addresses, as getaddrinfo(3) has it: numbers, /etc/hosts, then the servers of /etc/resolv.conf, over UDP and, for long
/// answers, over TCP.
/// </summary>
internal static class Resolver
{
    /// <summary>MAXNS, the default of "attempts" and of "timeout" of resolv.conf(5).</summary>
    private const int ServersMax = 3;
    private const int Attempts = 2;
    private const long TimeoutMicros = 5_000_000;

    /// <summary>Longest line of /etc/hosts that is looked at.</summary>
    private const int WordsMax = 64;

    /// <summary>Finds the addresses of a host.</summary>
    /// <returns>Success, and at least one address; or why there is none.</returns>
    public static DnsResult Lookup(Libc libc, string name, ushort type, out List<IpAddress> addresses)
    {
        addresses = [];
        if (IpAddress.TryParse(name, out IpAddress number))
        {
            addresses.Add(number);
            return number.IsV4 == (type == DnsSpec.TypeA) ? DnsResult.Success : DnsResult.NoData;
        }

        ReadHosts(libc, name, type, addresses);
        if (addresses.Count == 0 && IsSame(name, "localhost"))
        {
            // RFC 6761 section 6.3: never asked of a server.
            addresses.Add(type == DnsSpec.TypeA ? IpAddress.FromV4(127, 0, 0, 1) : new IpAddress(0, 1));
        }

        return addresses.Count > 0 ? DnsResult.Success : Ask(libc, ReadServers(libc), name, type, addresses);
    }

    /// <summary>
    /// The address to talk to a host at: one of IPv6 if there is a way to it (RFC 6724 section 6, as far as one way says), else one of
    /// IPv4.
    /// </summary>
    public static DnsResult Choose(Libc libc, string name, out SocketAddress address)
    {
        if (SocketText.TryParse(libc, name, out address))
        {
            return DnsResult.Success;
        }

        DnsResult six = Lookup(libc, name, DnsSpec.TypeAaaa, out List<IpAddress> addresses);
        foreach (IpAddress one in addresses)
        {
            if (six == DnsResult.Success && libc.System.FindRoute(libc.Context, one).IsOk)
            {
                address = new SocketAddress(one, 0);
                return DnsResult.Success;
            }
        }

        DnsResult four = Lookup(libc, name, DnsSpec.TypeA, out List<IpAddress> older);
        address = four == DnsResult.Success ? new SocketAddress(older[0], 0)
            : six == DnsResult.Success ? new SocketAddress(addresses[0], 0)
            : default;
        return four == DnsResult.Success ? four : six == DnsResult.Success ? six : four;
    }

    /// <summary>Asks servers, one after the other, until one has answered.</summary>
    public static DnsResult Ask(Libc libc, List<IpAddress> servers, string name, ushort type, List<IpAddress> addresses)
    {
        DnsResult result = DnsResult.NoAnswer;
        for (int attempt = 0; attempt < Attempts * servers.Count; attempt++)
        {
            result = AskOne(libc, servers[attempt % servers.Count], name, type, addresses);
            if (result is DnsResult.Success or DnsResult.NameError or DnsResult.NoData)
            {
                break;
            }
        }

        return result;
    }

    /// <summary>gai_strerror(3), of glibc.</summary>
    public static string TextOf(DnsResult result) => result switch
    {
        DnsResult.NameError => "Name or service not known",
        DnsResult.NoData => "No address associated with hostname",
        DnsResult.NoAnswer or DnsResult.ServerFailure => "Temporary failure in name resolution",
        _ => "Non-recoverable failure in name resolution",
    };

    private static DnsResult AskOne(Libc libc, IpAddress server, string name, ushort type, List<IpAddress> addresses)
    {
        byte[] question = new byte[DnsSpec.DatagramBytesMax];
        byte[] id = new byte[2];
        int length = TryFillRandom(libc, id)
            ? DnsMessage.WriteQuestion(question, BinaryPrimitives.ReadUInt16BigEndian(id), name, type)
            : 0;
        if (length == 0)
        {
            return DnsResult.NameError;
        }

        question = question[..length];
        DnsResult result = AskByDatagram(libc, server, question, type, addresses);
        return result == DnsResult.Truncated ? AskByStream(libc, server, question, type, addresses) : result;
    }

    private static DnsResult AskByDatagram(Libc libc, IpAddress server, byte[] question, ushort type, List<IpAddress> addresses)
    {
        if (!TryConnect(libc, server, SocketKind.Datagram, out int socket))
        {
            return DnsResult.NoAnswer;
        }

        byte[] answer = new byte[DnsSpec.DatagramBytesMax];
        DnsResult result = DnsResult.NoAnswer;
        bool isWaiting = libc.System.Send(libc.Context, socket, question).IsOk;
        while (isWaiting)
        {
            Reply<int, Errno> reply = libc.System.Receive(libc.Context, socket, answer);
            DnsResult read = reply.IsOk
                ? DnsMessage.ReadAnswer(answer.AsSpan(0, reply.Value), question, type, addresses)
                : DnsResult.NoAnswer;

            // What is no answer to the question may be somebody's guess: the true one may still come.
            isWaiting = reply.IsOk && read == DnsResult.Malformed;
            result = isWaiting ? result : read;
        }

        libc.Close(socket);
        return result;
    }

    /// <summary>RFC 1035 section 4.2.2: each message has its length before it.</summary>
    private static DnsResult AskByStream(Libc libc, IpAddress server, byte[] question, ushort type, List<IpAddress> addresses)
    {
        if (!TryConnect(libc, server, SocketKind.Stream, out int socket))
        {
            return DnsResult.NoAnswer;
        }

        byte[] message = new byte[2 + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)question.Length);
        question.CopyTo(message.AsSpan(2));
        byte[] length = new byte[2];
        DnsResult result = DnsResult.NoAnswer;
        if (libc.System.Send(libc.Context, socket, message).IsOk
            && libc.System.Receive(libc.Context, socket, length, SocketFlags.WaitAll).Value == length.Length)
        {
            byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            bool isWhole = libc.System.Receive(libc.Context, socket, answer, SocketFlags.WaitAll).Value == answer.Length;
            result = isWhole ? DnsMessage.ReadAnswer(answer, question, type, addresses) : DnsResult.NoAnswer;
        }

        libc.Close(socket);
        return result;
    }

    private static bool TryConnect(Libc libc, IpAddress server, SocketKind kind, out int socket)
    {
        Reply<int, Errno> made = libc.System.MakeSocket(
            libc.Context, SocketNames.FamilyFor(server), kind, OpenFlags.CloseOnExec, 0);
        socket = made.Value;
        if (!made.IsOk)
        {
            return false;
        }

        _ = libc.System.SetSocketOption(libc.Context, socket, SocketOption.ReceiveTimeoutMicros, TimeoutMicros);
        _ = libc.System.SetSocketOption(libc.Context, socket, SocketOption.SendTimeoutMicros, TimeoutMicros);
        if (!libc.System.Connect(libc.Context, socket, new SocketAddress(server, DnsSpec.Port)).IsOk)
        {
            libc.Close(socket);
            return false;
        }

        return true;
    }

    private static void ReadHosts(Libc libc, string name, ushort type, List<IpAddress> addresses)
    {
        foreach (string[] words in ReadWords(libc, "/etc/hosts"))
        {
            for (int index = 1; index < words.Length; index++)
            {
                if (IsSame(words[index], name) && IpAddress.TryParse(words[0], out IpAddress address)
                    && address.IsV4 == (type == DnsSpec.TypeA))
                {
                    addresses.Add(address);
                }
            }
        }
    }

    private static List<IpAddress> ReadServers(Libc libc)
    {
        var servers = new List<IpAddress>();
        foreach (string[] words in ReadWords(libc, "/etc/resolv.conf"))
        {
            if (words.Length > 1 && words[0] == "nameserver" && servers.Count < ServersMax
                && IpAddress.TryParse(words[1], out IpAddress server))
            {
                servers.Add(server);
            }
        }

        if (servers.Count == 0)
        {
            servers.Add(IpAddress.FromV4(127, 0, 0, 1));
        }

        return servers;
    }

    /// <summary>The lines of a file in words, without comments; none when there is no file.</summary>
    private static List<string[]> ReadWords(Libc libc, string path)
    {
        var lines = new List<string[]>();
        var reader = new LineReader();
        if (reader.Open(libc, path) != Errno.None)
        {
            return lines;
        }

        while (reader.TryReadLine(libc, out string line))
        {
            int comment = line.IndexOf('#');
            line = (comment < 0 ? line : line[..comment]).Replace('\t', ' ');
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length is > 0 and <= WordsMax)
            {
                lines.Add(words);
            }
        }

        reader.Close(libc);
        return lines;
    }

    /// <summary>Numbers that nobody can guess.</summary>
    public static bool TryFillRandom(Libc libc, byte[] buffer)
    {
        if (libc.OpenToRead("/dev/urandom", out int descriptor) != Errno.None)
        {
            return false;
        }

        Errno error = libc.Read(descriptor, buffer, out int length);
        libc.Close(descriptor);
        return error == Errno.None && length == buffer.Length;
    }

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
