using System.Buffers.Binary;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Posix;

/// <summary>
/// A name server with three names: www.example is an alias of an address, many.example answers in whole over TCP only, and all others
/// are not there.
/// </summary>
internal static class NameServer
{
    internal static int Run(CallContext context, ISystem system)
    {
        int datagrams = Make(context, system, SocketKind.Datagram);
        int listener = Make(context, system, SocketKind.Stream);
        _ = system.Listen(context, listener, 5);
        byte[] buffer = new byte[512];
        byte[] name = new byte[SocketNames.InternetBytes];
        while (true)
        {
            PollEntry[] entries =
            [
                new() { Descriptor = datagrams, Events = SocketEvents.Readable },
                new() { Descriptor = listener, Events = SocketEvents.Readable },
            ];
            _ = system.Poll(context, entries, -1);
            if (entries[0].Returned != SocketEvents.None)
            {
                int length = system.Receive(context, datagrams, buffer, name, SocketFlags.None, out _).Value;
                byte[] answer = Answer(buffer.AsSpan(0, length), isStream: false);
                _ = system.Send(context, datagrams, answer, name, SocketFlags.None);
            }

            if (entries[1].Returned != SocketEvents.None)
            {
                AnswerStream(context, system, system.Accept(context, listener, out _).Value, buffer);
            }
        }
    }

    private static void AnswerStream(CallContext context, ISystem system, int socket, byte[] buffer)
    {
        _ = system.Receive(context, socket, buffer.AsSpan(0, 2), SocketFlags.WaitAll);
        int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
        _ = system.Receive(context, socket, buffer.AsSpan(0, length), SocketFlags.WaitAll);
        byte[] answer = Answer(buffer.AsSpan(0, length), isStream: true);
        byte[] prefix = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)answer.Length);
        _ = system.Send(context, socket, prefix);
        _ = system.Send(context, socket, answer);
        _ = system.Close(context, socket);
    }

    private static byte[] Answer(ReadOnlySpan<byte> question, bool isStream)
    {
        string text = PosixRig.Text(question.ToArray());
        bool isMany = text.Contains("many", StringComparison.Ordinal);
        bool isKnown = isMany || text.Contains("www", StringComparison.Ordinal);
        bool isCut = isMany && !isStream;
        var answer = new List<byte>(question.ToArray());
        answer[2] = (byte)(isCut ? 0x82 : 0x80);
        answer[3] = (byte)(isKnown ? 0 : 3);
        answer[7] = (byte)(!isKnown || isCut ? 0 : isMany ? 1 : 2);
        if (isKnown && !isCut && !isMany)
        {
            // An alias of "a.example", whose second label is the question's.
            answer.AddRange([0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, 4, 1, (byte)'a', 0xC0, 16]);
            answer.AddRange([1, (byte)'a', 0xC0, 16]);
        }
        else if (isKnown && !isCut)
        {
            answer.AddRange([0xC0, 12]);
        }

        if (isKnown && !isCut)
        {
            answer.AddRange([0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 192, 0, 2, (byte)(isMany ? 2 : 1)]);
        }

        return [.. answer];
    }

    private static int Make(CallContext context, ISystem system, SocketKind kind)
    {
        int socket = system.MakeSocket(context, AddressFamily.InterNetwork, kind, OpenFlags.ReadOnly, 0).Value;
        _ = system.Bind(context, socket, new SocketAddress(IpAddress.AnyV4, 53));
        return socket;
    }
}
