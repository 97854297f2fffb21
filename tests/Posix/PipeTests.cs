using System.Text;
using RedLeafSharp.Contracts;
using Xunit;
using SeekOrigin = RedLeafSharp.Contracts.SeekOrigin;

namespace RedLeafSharp.Tests.Posix;

/// <summary>Pipes between threads that really block.</summary>
public sealed class PipeTests
{
    [Fact]
    public void Read_OfAnEmptyPipeWithoutWriters_IsTheEnd()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context).Value;
            rig.System.Write(context, pipe.WriteEnd, "abc"u8);
            rig.System.Close(context, pipe.WriteEnd);
            byte[] buffer = new byte[2];

            Assert.Equal(2, rig.System.Read(context, pipe.ReadEnd, buffer).Value);
            Assert.Equal(1, rig.System.Read(context, pipe.ReadEnd, buffer).Value);
            Assert.Equal(0, rig.System.Read(context, pipe.ReadEnd, buffer).Value);
        });
    }

    [Fact]
    public void Write_WithoutReaders_IsABrokenPipe()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context).Value;
            rig.System.Close(context, pipe.ReadEnd);

            Assert.Equal(Errno.BrokenPipe, rig.System.Write(context, pipe.WriteEnd, "x"u8).Error);
        });
    }

    [Theory]
    [InlineData("default", 128 + 13)]
    [InlineData("ignored", 0)]
    [InlineData("inherited", 0)]
    public void Write_OfAProcessWithoutReaders_EndsItUnlessItIgnoresThat(string how, int expected)
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["writer"] = (context, system) =>
        {
            if (how == "ignored")
            {
                Assert.False(system.SetSignalIgnored(context, 13, isIgnored: true).Value);
            }

            PipeEnds pipe = system.MakePipe(context).Value;
            _ = system.Close(context, pipe.ReadEnd);
            return system.Write(context, pipe.WriteEnd, "x"u8).Error == Errno.BrokenPipe ? 0 : 1;
        };
        rig.Run(context =>
        {
            _ = rig.System.SetSignalIgnored(context, 13, how == "inherited");
            int process = rig.System.Spawn(context, "writer\0"u8, 0, 1, 2).Value;
            Assert.Equal(expected, rig.System.WaitForChild(context, process).Value.Status);
        });
    }

    [Theory]
    [InlineData(SocketFlags.None, 128 + 13)]
    [InlineData(SocketFlags.NoSignal, 0)]
    public void Send_ToAPeerThatIsGone_EndsTheProcessUnlessItSaysNo(SocketFlags flags, int expected)
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["sender"] = (context, system) =>
        {
            SocketPair pair = system.MakeSocketPair(context, AddressFamily.Unix, SocketKind.Stream, OpenFlags.ReadOnly, 0).Value;
            _ = system.Close(context, pair.First);
            return system.Send(context, pair.Second, "x"u8, flags).Error == Errno.BrokenPipe ? 0 : 1;
        };
        rig.Run(context =>
        {
            int process = rig.System.Spawn(context, "sender\0"u8, 0, 1, 2).Value;
            Assert.Equal(expected, rig.System.WaitForChild(context, process).Value.Status);
        });
    }

    [Fact]
    public void Read_ThatNobodyCanEverAnswer_IsADeadlock()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context).Value;

            Assert.Equal(Errno.Deadlock, rig.System.Read(context, pipe.ReadEnd, new byte[1]).Error);
        });
    }

    [Fact]
    public void Pipe_CannotSeekNorReadAt()
    {
        using var rig = new PosixRig();
        rig.Run(context =>
        {
            PipeEnds pipe = rig.System.MakePipe(context).Value;

            Assert.Equal(Errno.IllegalSeek, rig.System.Seek(context, pipe.ReadEnd, 0, SeekOrigin.Start).Error);
            Assert.Equal(Errno.IllegalSeek, rig.System.ReadAt(context, pipe.ReadEnd, 0, new byte[1]).Error);
            Assert.Equal(Errno.BadDescriptor, rig.System.Read(context, pipe.WriteEnd, new byte[1]).Error);
        });
    }

    [Fact]
    public void Pipe_BetweenProcesses_CarriesMoreThanItHolds()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["source"] = (context, system) => WriteAll(context, system, 1_000_000);
        rig.Loader.Extra["drain"] = (context, system) =>
        {
            byte[] buffer = new byte[777];
            int sum = 0;
            int length;
            while ((length = system.Read(context, 0, buffer).Value) > 0)
            {
                sum += length;
            }

            byte[] text = Encoding.ASCII.GetBytes($"{sum}");
            return system.Write(context, 1, text).IsOk ? 0 : 1;
        };

        Assert.Equal("1000000", rig.Shell("source | drain").Output);
    }

    [Fact]
    public void Write_UpToPipeBuf_IsNeverTorn()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["stamp"] = (context, system) =>
        {
            byte[] record = new byte[4096];
            int id = system.GetProcessId(context).Value;
            record.AsSpan().Fill((byte)id);
            for (int count = 0; count < 40; count++)
            {
                system.Write(context, 1, record);
            }

            return 0;
        };
        rig.Loader.Extra["check"] = (context, system) =>
        {
            byte[] buffer = new byte[4096];
            int fill = 0;
            int records = 0;
            int length;
            while ((length = system.Read(context, 0, buffer.AsSpan(fill, Math.Min(buffer.Length - fill, 1000))).Value) > 0)
            {
                fill += length;
                if (fill == buffer.Length)
                {
                    fill = 0;
                    records++;
                    if (buffer.AsSpan().IndexOfAnyExcept(buffer[0]) >= 0)
                    {
                        return 1;
                    }
                }
            }

            return records == 120 ? 0 : 2;
        };

        Assert.Equal(0, rig.Shell("{ stamp & stamp & stamp & wait; } | check").Status);
    }

    [Fact]
    public void Writer_WhoseReaderLeaves_EndsToo()
    {
        using var rig = new PosixRig();
        rig.Loader.Extra["source"] = (context, system) => WriteAll(context, system, 10_000_000);

        Assert.Equal(new CommandResult(0, "", ""), rig.Shell("source | true"));
        Assert.Equal(0, rig.Loader.RunningCount);
    }

    private static int WriteAll(CallContext context, ISystem system, int total)
    {
        byte[] data = new byte[10_000];
        for (int written = 0; written < total; written += data.Length)
        {
            Reply<int, Errno> reply = system.Write(context, 1, data);
            if (!reply.IsOk)
            {
                return (int)reply.Error;
            }
        }

        return 0;
    }
}
