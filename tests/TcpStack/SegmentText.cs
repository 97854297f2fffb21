using System.Globalization;
using RedLeafSharp.Domains.TcpStack.Wire;
using Xunit;

namespace RedLeafSharp.Tests.TcpStack;

/// <summary>A segment as scripts write it: <c>P. 1:1001(1000) ack 1 win 512 &lt;sackOK,ts 100,sack 1:2&gt;</c>.</summary>
internal sealed class SegmentText
{
    private bool hasOptions;
    private bool hasNoSack;
    private bool hasTimestamp;

    internal TcpFlags Flags { get; private set; }

    internal uint Start { get; private set; }

    internal int LengthBytes { get; private set; }

    internal uint? Acknowledgment { get; private set; }

    internal int? Window { get; private set; }

    /// <summary>The bits of ECN in the IP header; null when they do not matter.</summary>
    internal byte? Ecn { get; private set; }

    internal ushort? UrgentPointer { get; private set; }

    /// <summary>Whether the timestamp echoed is the one that the script has had remembered.</summary>
    internal bool EchoesRemembered { get; private set; }

    internal uint? TimestampEcho { get; private set; }

    internal TcpOptions Options;

    internal List<(uint Start, uint End)> Sacks { get; } = [];

    internal static SegmentText Parse(string[] words)
    {
        var text = new SegmentText();
        text.ParseFlags(words[0]);
        int index = 1;
        if (words.Length > 1 && words[1].Contains('('))
        {
            string[] parts = words[1].Split(':', '(', ')');
            text.Start = Number(parts[0]);
            text.LengthBytes = (int)Number(parts[2]);
            index = 2;
        }

        for (; index < words.Length && words[index][0] != '<'; index += 2)
        {
            if (words[index] == "ack")
            {
                text.Acknowledgment = Number(words[index + 1]);
            }
            else if (words[index] == "win")
            {
                text.Window = (int)Number(words[index + 1]);
            }
            else if (words[index] == "urg")
            {
                text.UrgentPointer = (ushort)Number(words[index + 1]);
            }
            else if (words[index] == "ecn")
            {
                text.Ecn = words[index + 1] switch { "ce" => 3, "ect0" => 2, _ => 0 };
            }
        }

        if (index < words.Length)
        {
            text.ParseOptions(string.Join(' ', words[index..]).Trim('<', '>'));
        }

        return text;
    }

    /// <summary>
    /// Asserts that a segment is as written; options that are not mentioned may be there, but for those of SACK.
    /// </summary>
    internal void Check(in TcpHeader header, in TcpOptions options, int lengthBytes, uint iss, uint peerIss)
    {
        Assert.Equal(Flags & ~TcpFlags.Psh, header.Flags & ~TcpFlags.Psh);
        Assert.Equal(LengthBytes, lengthBytes);
        Assert.Equal(Start, header.IsRst && iss == 0 ? header.Sequence : header.Sequence - iss);
        if (Acknowledgment is { } acknowledgment)
        {
            Assert.Equal(acknowledgment, header.Acknowledgment - peerIss);
        }

        if (Window is { } window)
        {
            Assert.Equal(window, header.Window);
        }

        if (UrgentPointer is { } pointer)
        {
            Assert.Equal(pointer, header.UrgentPointer);
        }

        if ((Flags & TcpFlags.Psh) != 0)
        {
            Assert.Equal(Flags, header.Flags);
        }

        if (hasOptions)
        {
            CheckOptions(in options, peerIss);
        }

        if (hasNoSack)
        {
            Assert.Equal(0, options.SackCount);
        }
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private void CheckOptions(in TcpOptions options, uint peerIss)
    {
        Assert.Equal(Options.IsSackPermitted, options.IsSackPermitted && Options.IsSackPermitted);
        if (Options.Mss != 0)
        {
            Assert.Equal(Options.Mss, options.Mss);
        }

        if (Options.HasWindowScale)
        {
            Assert.True(options.HasWindowScale);
            Assert.Equal(Options.WindowScale, options.WindowScale);
        }

        if (hasTimestamp)
        {
            Assert.True(options.HasTimestamps);
            Assert.Equal(Options.TimestampValue, options.TimestampEcho);
        }

        var sacks = new List<(uint, uint)>();
        for (int index = 0; index < options.SackCount; index++)
        {
            sacks.Add((options.Sack(index).Start - peerIss, options.Sack(index).End - peerIss));
        }

        if (Sacks.Count > 0)
        {
            Assert.Equal(Sacks, sacks);
        }
    }

    private void ParseFlags(string text)
    {
        foreach (char flag in text)
        {
            Flags |= flag switch
            {
                'S' => TcpFlags.Syn,
                'F' => TcpFlags.Fin,
                'R' => TcpFlags.Rst,
                'P' => TcpFlags.Psh,
                'U' => TcpFlags.Urg,
                'E' => TcpFlags.Ece,
                'W' => TcpFlags.Cwr,
                _ => TcpFlags.Ack,
            };
        }
    }

    private void ParseOptions(string text)
    {
        hasOptions = true;
        foreach (string option in text.Split(','))
        {
            string[] words = option.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "mss":
                    Options.Mss = (ushort)Number(words[1]);
                    break;
                case "ws":
                    (Options.HasWindowScale, Options.WindowScale) = (true, (byte)Number(words[1]));
                    break;
                case "sackOK":
                    Options.IsSackPermitted = true;
                    break;
                case "nosack":
                    hasNoSack = true;
                    break;
                case "ts":
                    // In a segment to the stack: the value. In one from it: what it echoes.
                    (Options.HasTimestamps, Options.TimestampValue, hasTimestamp) = (true, Number(words[1]), true);
                    EchoesRemembered = words is [_, _, "remembered"];
                    TimestampEcho = words.Length > 2 && !EchoesRemembered ? Number(words[2]) : null;
                    break;
                case "sack":
                    Sacks.AddRange(
                        words[1..].Select(range => range.Split(':')).Select(ends => (Number(ends[0]), Number(ends[1]))));
                    break;
                default:
                    throw new FormatException($"unknown option {option}");
            }
        }
    }
}
