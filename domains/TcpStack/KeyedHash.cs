using System.Numerics;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Domains.TcpStack;

/// <summary>
/// SipHash-2-4 (Aumasson and Bernstein, 2012) over whole words: what depends on the outside (sequence numbers, ports, places in
/// tables) must not be guessed by it.
/// </summary>
internal sealed class KeyedHash(ulong key0, ulong key1)
{
    /// <summary>A hash whose key is made of a text, the same one at each start.</summary>
    internal static KeyedHash OfText(string text)
    {
        var digest = new KeyedHash(0, 0);
        (ulong first, ulong second) = (0, 1);
        foreach (char letter in text)
        {
            (first, second) = (digest.Of(first, letter, 0), digest.Of(second, letter, 1));
        }

        return new KeyedHash(first, second);
    }

    internal ulong Of(ulong first, ulong second, ulong third)
    {
        var state = new State(key0, key1);
        state.Absorb(first);
        state.Absorb(second);
        state.Absorb(third);
        return state.Finish(3);
    }

    /// <summary>The hash of a connection's four-tuple and a purpose.</summary>
    internal ulong Of(in FlowKey flow, uint purpose)
    {
        var state = new State(key0, key1);
        state.Absorb(flow.Local.High);
        state.Absorb(flow.Local.Low);
        state.Absorb(flow.Remote.High);
        state.Absorb(flow.Remote.Low);
        state.Absorb(((ulong)purpose << 32) | ((uint)flow.LocalPort << 16) | flow.RemotePort);
        return state.Finish(5);
    }

    private struct State(ulong key0, ulong key1)
    {
        private ulong v0 = key0 ^ 0x736f6d6570736575;
        private ulong v1 = key1 ^ 0x646f72616e646f6d;
        private ulong v2 = key0 ^ 0x6c7967656e657261;
        private ulong v3 = key1 ^ 0x7465646279746573;

        internal void Absorb(ulong word)
        {
            v3 ^= word;
            Round();
            Round();
            v0 ^= word;
        }

        internal ulong Finish(int words)
        {
            Absorb((ulong)(words * sizeof(ulong)) << 56);
            v2 ^= 0xff;
            Round();
            Round();
            Round();
            Round();
            return v0 ^ v1 ^ v2 ^ v3;
        }

        private void Round()
        {
            v0 += v1;
            v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
            v0 = BitOperations.RotateLeft(v0, 32);
            v2 += v3;
            v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
            v0 += v3;
            v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
            v2 += v1;
            v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
            v2 = BitOperations.RotateLeft(v2, 32);
        }
    }
}

/// <summary>What names a connection.</summary>
internal readonly struct FlowKey(IpAddress local, ushort localPort, IpAddress remote, ushort remotePort) : IEquatable<FlowKey>
{
    internal IpAddress Local { get; } = local;

    internal IpAddress Remote { get; } = remote;

    internal ushort LocalPort { get; } = localPort;

    internal ushort RemotePort { get; } = remotePort;

    public bool Equals(FlowKey other) =>
        Local == other.Local && Remote == other.Remote && LocalPort == other.LocalPort && RemotePort == other.RemotePort;

    public override bool Equals(object? obj) => obj is FlowKey other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Local.Low, Remote.Low, Remote.High, LocalPort, RemotePort);

    public override string ToString() => $"{Local}:{LocalPort} - {Remote}:{RemotePort}";
}
