using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using RedLeafSharp.Memory;

namespace RedLeafSharp.Machine.Worlds;

/// <summary>
/// A QEMU whose guest memory is the exchange heap, with devices of the caller's choice. Its processor executes a
/// halt instruction; the machine is driven from outside, over qtest.
/// </summary>
/// <remarks>
/// The heap's memfd is named by its path below /proc, so that no descriptor has to be inherited. Guest memory up to 2 GiB
/// lies at guest address 0 without a hole, which makes an offset into the heap a guest address; what a PC has below 1 MiB
/// instead of memory does not matter, because the heap never hands out its first MiB.
/// </remarks>
internal sealed class QemuProcess : IDisposable
{
    internal const string Executable = "qemu-system-x86_64";
    internal const long HeapBytesMax = 2L << 30;

    private const int FirmwareBytes = 64 << 10;
    /// <summary>As many queues and vectors as the simulated controller has.</summary>
    private const string Queues = "max_ioqpairs=16,msix_qsize=17";

    private const int ResetVector = 0xFFF0;
    private const int StartTimeoutMilliseconds = 30_000;
    private const int PollMilliseconds = 20;

    private readonly Process process;
    private volatile string complaint = "";

    /// <summary>Starts QEMU and waits until it answers.</summary>
    /// <exception cref="IOException">QEMU is not installed, refuses its arguments, or does not answer in time.</exception>
    /// <param name="heap">Its memory.</param>
    /// <param name="devices">The part of its command line that says which devices it has.</param>
    internal QemuProcess(ExchangeHeap heap, IReadOnlyList<string> devices)
    {
        if (heap.CapacityBytes > HeapBytesMax)
        {
            throw new IOException($"QEMU's memory is the exchange heap, which may have {HeapBytesMax >> 20} MiB at most then");
        }

        string folder = Directory.CreateTempSubdirectory("redleaf-qemu-").FullName;
        try
        {
            string socketPath = Path.Combine(folder, "qtest");
            string firmwarePath = Path.Combine(folder, "halt.bin");
            File.WriteAllBytes(firmwarePath, HaltingFirmware());
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(socketPath));
            listener.Listen(1);
            process = Start([.. Machine(heap, socketPath, firmwarePath), .. devices]);
            process.ErrorDataReceived += (_, line) => complaint = complaint.Length > 0 ? complaint : line.Data ?? "";
            process.BeginErrorReadLine();
            try
            {
                Channel = new QtestChannel(Accept(listener));
                WaitUntilItAnswers();
            }
            catch
            {
                Dispose();
                throw;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal QtestChannel Channel { get; } = null!;

    internal void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        Channel?.Dispose();
        Kill();
        process.Dispose();
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(Executable, arguments) { RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new IOException($"{Executable} is not installed (Debian package qemu-system-x86)");
        }
    }

    /// <summary>64 KiB of HLT; the reset vector jumps to CLI, HLT, and back to the HLT.</summary>
    private static byte[] HaltingFirmware()
    {
        var firmware = new byte[FirmwareBytes];
        Array.Fill(firmware, (byte)0xF4);
        ((ReadOnlySpan<byte>)[0xFA, 0xF4, 0xEB, 0xFD]).CopyTo(firmware);
        ((ReadOnlySpan<byte>)[0xEA, 0x00, 0x00, 0x00, 0xF0]).CopyTo(firmware.AsSpan(ResetVector));
        return firmware;
    }

    private static string Blocks(int blockBytes) => $"logical_block_size={blockBytes},physical_block_size={blockBytes}";

    private static string[] Machine(ExchangeHeap heap, string socketPath, string firmwarePath)
    {
        string mebibytes = string.Create(CultureInfo.InvariantCulture, $"{heap.CapacityBytes >> 20}M");
        string memory = $"/proc/{Environment.ProcessId}/fd/{heap.Descriptor}";
        return
        [
            "-machine", "q35,memory-backend=ram", "-accel", "tcg", "-bios", firmwarePath, "-display", "none", "-nodefaults",
            "-no-user-config", "-m", mebibytes,
            "-object", $"memory-backend-file,id=ram,size={mebibytes},mem-path={memory},share=on",
            "-qtest", $"unix:{socketPath}", "-qtest-log", "/dev/null",
        ];
    }

    /// <summary>The arguments for an NVMe controller.</summary>
    internal static string[] Disk(string imagePath, NvmeDescription description, QemuDisturbance disturbance)
    {
        string disk = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["driver"] = "raw",
            ["node-name"] = "disk",
            ["discard"] = "unmap",
            ["read-only"] = description.IsReadOnly,
            ["file"] = disturbance.Over(new Dictionary<string, object>
            {
                ["driver"] = "file",
                ["filename"] = imagePath,
                ["discard"] = "unmap",
            }),
        });
        return
        [
            .. disturbance.Arguments,
            "-blockdev", disk,
            "-device", $"nvme,drive=disk,serial=RL-{description.Name},{Blocks(description.BlockBytes)},{Queues}",
        ];
    }

    private Socket Accept(Socket listener)
    {
        for (int waited = 0; waited < StartTimeoutMilliseconds; waited += PollMilliseconds)
        {
            if (listener.Poll(PollMilliseconds * 1000, SelectMode.SelectRead))
            {
                return listener.Accept();
            }

            if (process.HasExited)
            {
                break;
            }
        }

        throw Refused();
    }

    /// <summary>The first answer comes when the machine is complete: the image is open, the firmware has been read.</summary>
    private void WaitUntilItAnswers()
    {
        _ = Channel.Read("inl"u8, QemuFunction.ConfigurationAddress);
        if (Channel.IsBroken)
        {
            throw Refused();
        }
    }

    private IOException Refused()
    {
        if (process.WaitForExit(PollMilliseconds))
        {
            // Without a time-out this also waits for the end of standard error.
            process.WaitForExit();
        }

        return new IOException(complaint.Length > 0 ? complaint : $"{Executable} does not answer");
    }
}
